"""What is measured. Each scenario adds its figures of one run to the results."""
