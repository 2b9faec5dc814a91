"""Dynamics 365 Finance, simulated after the published contract of its OData service and its data packages."""
