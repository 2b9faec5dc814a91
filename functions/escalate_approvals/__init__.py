"""Let a second approver decide what the first has not decided in time."""
