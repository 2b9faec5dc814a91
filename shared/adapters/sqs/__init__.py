"""Adapters over SQS."""
