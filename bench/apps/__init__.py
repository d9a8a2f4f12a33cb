"""The two yardsticks. Both speak the product's frames, so that one client measures all three."""
