"""Make what the customer of an issued invoice is sent: a PDF, and an electronic invoice where there is to be one."""
