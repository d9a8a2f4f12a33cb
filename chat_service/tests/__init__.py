"""Tests of chat_service."""
