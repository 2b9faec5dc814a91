"""Make what the customer of an invoice or credit note is sent: a PDF, and an e-invoice where there is to be one."""
