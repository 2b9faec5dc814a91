"""Record a decision and let the waiting execution go on."""
