"""Rate a contract's billing period into an invoice draft."""
