"""What Lambda does between a source and a function: batches, checkpoints, retries, dead letters."""
