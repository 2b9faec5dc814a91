"""Credit an issued invoice: on request, on its approver's word, or by itself for what no invoice can take."""
