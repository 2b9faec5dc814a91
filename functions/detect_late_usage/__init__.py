"""Find usage that came so late that no invoice will read it."""
