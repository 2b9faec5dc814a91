"""Find usage that was counted after the invoice of its period had been rated."""
