"""One visitor's session: who it is, what is set, and the address that holds it."""
