"""Adapters over AWS Transfer Family."""
