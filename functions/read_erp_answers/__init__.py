"""Read what receivers of files have answered, and what became of each document."""
