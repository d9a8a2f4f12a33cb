"""Registering, profiles, passwords, deletion."""
