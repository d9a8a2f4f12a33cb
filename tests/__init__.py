"""Tests of the whole product; each service has its own beside its code."""
