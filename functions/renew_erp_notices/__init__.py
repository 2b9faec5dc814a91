"""Have the ERPs that give notice of changes go on doing so."""
