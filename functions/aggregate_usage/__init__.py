"""Count billable usage into the metering ledger, each event once."""
