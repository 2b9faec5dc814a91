"""Backfills: much usage brought in afterwards, as a unit that is looked at before it counts."""
