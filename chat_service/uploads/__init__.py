"""Uploads that can be resumed, for large files and bad networks."""
