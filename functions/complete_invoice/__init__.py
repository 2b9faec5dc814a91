"""Note how the posting of an invoice ended."""
