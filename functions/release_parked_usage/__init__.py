"""Look at parked usage again after master data has changed."""
