"""Anrok, simulated after its published OpenAPI document (API 1.1)."""
