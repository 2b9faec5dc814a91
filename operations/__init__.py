"""What people run: the u2c command line and AWS on a laptop."""
