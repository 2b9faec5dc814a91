"""Have the legal entity's ERP hold what is agreed in a contract, where it keeps sales orders."""
