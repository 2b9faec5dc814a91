"""Credit an issued invoice: on request, or on its approver's word."""
