"""Number an invoice and write its posting intent, at once."""
