"""Take a recorded amendment back because the rest of its request failed."""
