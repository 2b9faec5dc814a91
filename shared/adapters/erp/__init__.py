"""Adapters over ERPs, one module each, over httpx."""
