"""Measured ratios, each with its peer and its floor in the same run."""
