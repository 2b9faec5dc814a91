"""AWS on a laptop: the synthesised template on moto, with stand-ins for what moto does not run. Time is simulated."""
