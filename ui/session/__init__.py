"""One visitor's session: their id, their settings and the address that holds the settings."""
