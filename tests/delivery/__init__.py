"""Nothing is lost, doubled or left behind: each test breaks one thing in the middle of the traffic, on purpose.

`tests/faults` breaks things at random and looks at everything afterwards; here each promise has a test of its own.
"""
