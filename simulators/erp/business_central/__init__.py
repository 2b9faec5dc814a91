"""Dynamics 365 Business Central, simulated after the published contract of its API v2.0."""
