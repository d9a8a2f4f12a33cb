"""The one door to everything: nginx in the stack, `local.py` in one process."""
