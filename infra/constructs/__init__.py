"""Our own words for AWS resources: each carries the settings that every use of it must have."""
