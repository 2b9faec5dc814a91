"""Adapters over DynamoDB."""
