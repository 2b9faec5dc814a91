"""Tryton 8.2 over its REST interface, and over JSON-RPC for the little that REST does not offer."""
