"""Accounts, sessions and tokens. It stands on its own: any client can use its API."""
