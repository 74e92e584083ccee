"""A person's own table: read, described, prepared, and stored as a task that networks can learn."""
