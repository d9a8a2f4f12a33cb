"""Helpers for the commands in the Makefile."""
