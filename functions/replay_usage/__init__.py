"""Judge archived usage again, and publish what is admitted now and was not before."""
