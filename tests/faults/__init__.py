"""Faults on real processes: what people were told is stored stays stored, once, in order, on every device."""
