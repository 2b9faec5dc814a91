"""Take usage over HTTP from those who cannot write to the stream, and say of each event what became of it."""
