"""SAP S/4HANA Cloud, public edition: posted to over SOAP, read over OData V2."""
