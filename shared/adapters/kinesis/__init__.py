"""Adapters over Kinesis."""
