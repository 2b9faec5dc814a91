"""Check raw usage against its contract and horizon; pass on what may enter, report what may not."""
