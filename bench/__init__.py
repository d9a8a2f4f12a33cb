"""Measurements: ratios in one run, reported and never asserted."""
