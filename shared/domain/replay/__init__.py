"""Judging archived usage again, and putting on its way what is admitted now."""
