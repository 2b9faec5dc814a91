"""Check the ledger against the raw archive before invoices are made of it."""
