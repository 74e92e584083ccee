"""A person's own table: uploaded, described, prepared, and predicted from."""
