import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from core.database import NEWEST, Base, Database, migrations
from core.errors import DatabaseUnavailable


def test_a_file_is_made_with_its_folder_and_found_again(tmp_path):
    url = f"sqlite:///{tmp_path}/new/runs.sqlite3"
    first = Database(url)
    with first.session() as session:
        session.execute(text("create table mark (x int)"))
    first.close()
    with Database(url).session() as session:
        assert session.execute(text("select count(*) from mark")).scalar() == 0


def test_what_is_wrong_with_the_file_is_said_without_its_path(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseUnavailable, match="cannot be opened") as raised:
        Database(f"sqlite:///{tmp_path}/file/runs.sqlite3")
    assert str(tmp_path) not in str(raised.value)


def test_the_environment_names_the_database(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/named.sqlite3")
    Database().close()
    assert (tmp_path / "named.sqlite3").exists()


def test_what_fails_half_way_is_not_kept(database_url):
    database = Database(database_url)
    with database.session() as session:
        session.execute(text("create table mark (x int)"))

    def fail_half_way():
        with database.session() as session:
            session.execute(text("insert into mark values (1)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    with database.session() as session:
        assert session.execute(text("select count(*) from mark")).scalar() == 0
    database.close()


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "oracle-of-delphi://somewhere",
        "postgresql://me:secret@nowhere.invalid/runs",
        "postgresql://me@nowhere.invalid:secret/runs",
        "sqlite+nothing:///runs.sqlite3",
        "sqlite:////proc/no/such/folder/runs.sqlite3",
    ],
)
def test_a_database_that_cannot_be_opened_is_a_sentence_without_the_password(url):
    with pytest.raises(DatabaseUnavailable) as caught:
        Database(url)
    assert "database" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_database_is_a_sentence(tmp_path):
    path = tmp_path / "runs.sqlite3"
    path.write_bytes(b"This is not a database. " * 100)
    with pytest.raises(DatabaseUnavailable, match="cannot be opened"):
        Database(f"sqlite:///{path}")
    assert path.read_bytes().startswith(b"This is not")


def test_a_query_that_fails_is_a_sentence(database_url):
    database = Database(database_url)
    with pytest.raises(DatabaseUnavailable, match="does not answer"), database.session() as session:
        session.execute(text("select * from nothing"))
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path):
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/runs.sqlite3"
    else:
        with request.getfixturevalue("postgresql").empty_database() as url:
            yield url


def test_the_migrations_make_the_tables_that_the_code_expects(empty):
    database = Database(empty)
    with database.session() as session:
        connection = session.connection()
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        assert ScriptDirectory.from_config(migrations(connection)).get_heads() == [NEWEST]
    database.close()


def test_servers_that_start_at_the_same_time_make_the_tables_once(empty):
    with ThreadPoolExecutor(4) as threads:
        for database in [*threads.map(lambda _: Database(empty), range(4))]:
            database.close()


def test_one_transaction_at_a_time_has_a_lock(database_url):
    databases = Database(database_url), Database(database_url)
    with databases[0].session() as session:
        session.execute(text("create table mark (x int)"))
        session.execute(text("insert into mark values (0)"))

    def count(database):
        for _ in range(20):
            with database.session() as session:
                database.lock(session, "mark")
                (value,) = session.execute(text("select x from mark")).one()
                session.execute(text(f"update mark set x = {value + 1}"))

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(count, databases))
    with databases[0].session() as session:
        assert session.execute(text("select x from mark")).scalar() == 40
    for database in databases:
        database.close()


def test_what_is_wrong_with_postgresql_is_a_sentence_without_the_password(postgresql):
    for url, told in (
        (postgresql.url("digit_lab", password="guess"), "password authentication failed"),
        (postgresql.url("nothing"), "does not exist"),
    ):
        with pytest.raises(DatabaseUnavailable, match=told) as caught:
            Database(url)
        assert "cannot be opened" in str(caught.value)
        assert not {"guess", "sesame"} & set(str(caught.value).split())


def test_a_postgresql_server_that_is_down_is_a_sentence_and_comes_back(postgresql):
    with postgresql.database() as url:
        database = Database(url)
        with database.session() as session:
            session.execute(text("create table mark (x int)"))
        postgresql.stop()
        try:
            with (
                pytest.raises(DatabaseUnavailable, match="does not answer"),
                database.session() as session,
            ):
                session.execute(text("insert into mark values (1)"))
            with pytest.raises(DatabaseUnavailable, match="cannot be opened"):
                Database(url)
        finally:
            postgresql.start()
        with database.session() as session:
            assert session.execute(text("select count(*) from mark")).scalar() == 0
        database.close()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_missing_driver_is_a_sentence(scheme, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(DatabaseUnavailable, match=r"not installed .*pip install 'psycopg"):
        Database(f"{scheme}://me@nowhere.invalid/runs")


def test_a_database_that_is_up_to_date_is_opened_without_alembic(tmp_path, monkeypatch):
    address = f"sqlite:///{tmp_path}/runs.sqlite3"
    Database(address).close()

    def fail(*arguments):
        raise AssertionError("nothing is to be migrated")

    monkeypatch.setattr(command, "upgrade", fail)
    Database(address).close()


def test_a_database_of_a_newer_version_is_a_sentence_and_stays_as_it_is(tmp_path):
    address = f"sqlite:///{tmp_path}/runs.sqlite3"
    database = Database(address)
    with database.session() as session:
        session.execute(text("update alembic_version set version_num = '9999'"))
    database.close()
    with pytest.raises(DatabaseUnavailable, match="newer Digit Lab"):
        Database(address)
    with create_engine(address).connect() as connection:
        assert connection.scalar(text("select version_num from alembic_version")) == "9999"
