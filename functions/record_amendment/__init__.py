"""Record a requested amendment beside the published catalogue, or refuse it with every reason."""
