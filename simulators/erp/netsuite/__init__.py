"""Oracle NetSuite, simulated after the published contract of SuiteTalk REST."""
