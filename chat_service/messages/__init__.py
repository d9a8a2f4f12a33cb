"""Sending, changing and reading messages."""
