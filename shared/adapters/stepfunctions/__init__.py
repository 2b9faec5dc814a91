"""Adapters over Step Functions."""
