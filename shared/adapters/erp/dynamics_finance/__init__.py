"""Microsoft Dynamics 365 Finance, OData service and data packages."""
