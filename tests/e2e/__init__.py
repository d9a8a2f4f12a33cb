"""Browser tests: what people were promised, in a real Chromium."""
