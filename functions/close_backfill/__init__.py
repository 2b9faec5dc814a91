"""Let a backfill count: into the archive first, then on its way to the ledger."""
