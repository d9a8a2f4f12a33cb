"""The list of conversations, marks, blocks and profiles."""
