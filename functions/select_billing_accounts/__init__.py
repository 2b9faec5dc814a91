"""Find the billing periods that are due and fix them as one bill run."""
