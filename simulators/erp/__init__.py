"""ERP simulators: real HTTP servers on loopback with a general ledger and switchable, seeded faults."""
