"""What both services stand on. A leaf: it imports neither of them."""
