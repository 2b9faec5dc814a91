"""u2c: run the whole cash cycle on a laptop, look into it, explain any amount."""
