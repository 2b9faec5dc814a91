"""A real Tryton on a real PostgreSQL, on loopback, for as long as a test run lasts. Spoken to over HTTP only."""
