"""Tell the CRM what became of a request to amend a contract."""
