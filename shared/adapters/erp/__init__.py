"""Adapters over ERPs, one package each: over HTTP, or by files that DynamoDB and S3 keep."""
