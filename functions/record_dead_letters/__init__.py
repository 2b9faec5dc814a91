"""Open an exception for every message that lies in a dead-letter queue."""
