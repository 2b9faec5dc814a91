"""What every adapter over HTTP needs: the transport, exact JSON, and the secrets of connections."""
