"""One construct per business stage: its functions, what triggers them, what they may touch."""
