"""Bring on whatever was sent: look it up, poll it, look again, re-date it, accrue it, or hold it for a person."""
