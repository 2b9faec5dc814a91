"""Turn files that systems write anyway into usage events that ingest takes."""
