"""Adapters to tax engines (port TaxEngine), and which legal entity asks which of them."""
