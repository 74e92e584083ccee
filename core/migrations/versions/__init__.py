"""The migrations, a module each."""
