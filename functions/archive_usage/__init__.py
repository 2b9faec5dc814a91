"""Keep every raw record, whatever ingest thinks of it."""
