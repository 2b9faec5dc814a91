"""Ask the ERPs which accounting periods are open."""
