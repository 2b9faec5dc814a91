"""Open and close exceptions as their queue says."""
