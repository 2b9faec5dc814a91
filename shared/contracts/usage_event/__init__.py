"""The usage contract: what a producer may send, version by version."""
