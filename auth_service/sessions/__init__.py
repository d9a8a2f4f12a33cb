"""Signing in and out, and turning refresh tokens."""
