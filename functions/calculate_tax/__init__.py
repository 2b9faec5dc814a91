"""Put tax on an invoice draft."""
