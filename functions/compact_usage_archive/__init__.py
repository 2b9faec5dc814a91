"""Turn each closed day of the raw archive into a few files that can be counted fast."""
