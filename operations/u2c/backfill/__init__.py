"""Backfills as an operator handles them: a file into parts, a look at what they would change."""
