"""Which rate a document is converted at into the currency of its legal entity's books, and what it comes to there."""
