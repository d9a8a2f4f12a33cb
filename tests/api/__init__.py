"""The public contract, checked from outside, on both shapes of the product."""
