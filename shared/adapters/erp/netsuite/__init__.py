"""Oracle NetSuite, SuiteTalk REST."""
