"""What gets deployed: CDK stacks, synthesised without credentials."""
