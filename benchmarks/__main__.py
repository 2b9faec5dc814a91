"""Runs every benchmark: counting usage first, then a whole month from events to ERPs."""

from benchmarks import end_to_end, metering

metering.main()
print()
end_to_end.main()
