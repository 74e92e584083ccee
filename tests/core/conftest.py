"""The databases that tests of `core` use: a SQLite file, and a real PostgreSQL server."""

import pytest


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """The address of a database of the test's own; the test runs once with each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/runs.sqlite3"
    else:
        with request.getfixturevalue("postgresql").database() as url:
            yield url
