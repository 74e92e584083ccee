"""How the database became what it is: Alembic's migrations, oldest first in `versions/`."""
