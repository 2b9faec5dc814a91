"""Counting in DuckDB, in the process itself: files in, files and rows out. Imported only where usage is recounted."""
