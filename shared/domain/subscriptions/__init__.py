"""Subscriptions: how time is cut into billing periods, shares of a period, and how what was agreed changes."""
