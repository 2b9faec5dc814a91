"""Hear from ERPs that something has changed, and have it read from them."""
