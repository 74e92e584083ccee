"""The training runs of this server."""
