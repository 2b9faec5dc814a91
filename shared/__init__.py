"""What every function shares: domain, ports, contracts, adapters and runtime, in that order of knowledge."""
