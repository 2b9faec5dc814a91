"""Who sends usage: that it is heard of, and that as much of it is here as it says to have sent."""
