"""Take a journal from finance: prepared by one person, and posted once another has approved it."""
