"""The wire: pydantic models of every message and stored document, to and from the domain."""
