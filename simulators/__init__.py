"""Stand-ins of outside systems that follow their published contracts. They are simulations and say so."""
