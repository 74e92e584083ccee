"""The databases that tests of `core` use: a SQLite file, and a real PostgreSQL server."""

import os

import pytest

from tests.support.postgresql import PostgreSQL, programs

NO_POSTGRESQL = "no PostgreSQL on this machine; on Debian: apt-get install postgresql"


@pytest.fixture(scope="session")
def postgresql():
    """A PostgreSQL server. Without one tests are skipped, or fail where it is required."""
    found = programs()
    if found is None:
        if os.environ.get("DIGIT_LAB_REQUIRE_POSTGRES") == "1":
            pytest.fail(NO_POSTGRESQL, pytrace=False)
        pytest.skip(NO_POSTGRESQL)
    server = PostgreSQL(found)
    yield server
    server.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """The address of a database of the test's own; the test runs once with each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/runs.sqlite3"
    else:
        with request.getfixturevalue("postgresql").database() as url:
            yield url
