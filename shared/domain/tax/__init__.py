"""Tax: what an engine is asked, what it may answer, and what that makes of an invoice."""
