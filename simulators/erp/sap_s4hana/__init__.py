"""SAP S/4HANA Cloud, public edition: journal entries over SOAP, look-ups and customers over OData V2, simulated."""
