"""How fast the product is, measured beside two yardsticks in the same run: `python -m bench --help`."""
