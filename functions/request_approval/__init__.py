"""Ask the approver and keep the token of the waiting execution."""
