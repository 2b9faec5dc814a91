"""What every simulator over HTTP is made of: the server, calls and replies, faults on purpose."""
