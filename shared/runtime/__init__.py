"""What every handler needs of the Lambda platform: settings, clients, clock, logging, batch answers."""
