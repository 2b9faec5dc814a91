"""Catalogue folders as people write them."""
