"""Ask again for postings that nobody is sending, and tell those who wait about postings that have settled."""
