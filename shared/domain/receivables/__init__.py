"""What posted documents are owed, as the ERPs tell it."""
