"""The work that pages hand to the workers, a module each."""
