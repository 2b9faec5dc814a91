"""Record what was issued, voided or credited in its tax engine."""
