"""Check an invoice draft whole and decide what happens next."""
