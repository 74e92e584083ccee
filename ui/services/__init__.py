"""What the server keeps for all its visitors: read-only objects in bounded caches."""
