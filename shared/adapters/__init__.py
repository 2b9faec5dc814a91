"""Outside systems: each adapter implements one port. The only place for boto3 and httpx."""
