"""Starts real servers for tests, fault tests and measurements. Everything listens on 127.0.0.1 only."""
