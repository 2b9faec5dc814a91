"""Take back from the ledger what corrections say does not count."""
