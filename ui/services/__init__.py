"""What the server keeps for all its visitors. Read-only once made, and every cache has a bound."""
