"""Reconciliation: what one stage holds equals what the next one holds, or the difference has a name."""
