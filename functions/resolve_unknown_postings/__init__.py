"""Find out, after the quiet period, what became of postings whose attempt ended without an answer."""
