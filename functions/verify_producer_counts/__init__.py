"""Hold what sources say to have sent against what is in the archive."""
