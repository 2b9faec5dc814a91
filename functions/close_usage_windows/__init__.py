"""Seal the slices of usage whose time is over and whose events have all come through."""
