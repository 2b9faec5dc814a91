"""Adapters over S3."""
