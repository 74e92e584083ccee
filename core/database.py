"""The database: runs, what they told, the files that they left, and people's own handwriting.

SQLite in a file beside the code, unless DATABASE_URL names another. PostgreSQL is what several
servers share; its addresses may begin as its own programs write them, "postgres://" or
"postgresql://". SQLAlchemy knows more databases, but those are not tested, and two servers on one
of them could each give a person the last free place.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    DateTime,
    Double,
    ForeignKey,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    create_engine,
    event,
    false,
    inspect,
    text,
)
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, deferred, mapped_column

from core.errors import DatabaseUnavailable
from core.files import reason
from core.paths import PROJECT
from core.settings import settings

if TYPE_CHECKING:
    from alembic.config import Config

DEFAULT_FILE = PROJECT / "var" / "digit-lab.sqlite3"
BUSY_SECONDS = 10
NEWEST = "0006"  # the last migration in `core/migrations/versions`
_POSTGRESQL = ("postgres", "postgresql")  # without the name of a driver
_LOCKS = 7519  # Digit Lab's, among the advisory locks of a PostgreSQL database


class Base(DeclarativeBase):
    """The tables' common base."""


class RunRow(Base):
    """A run: whose it is, what was asked for, where it stands."""

    __tablename__ = "runs"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(16), index=True)
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    config: Mapped[dict[str, Any]] = mapped_column(JSON)
    card: Mapped[dict[str, Any] | None] = mapped_column(JSON, default=None)
    search: Mapped[str | None] = mapped_column(String(32), default=None)  # that it belongs to
    lease: Mapped[str | None] = mapped_column(String(32), index=True, default=None)
    # Whether it has one of the workers that several servers share.
    working: Mapped[bool] = mapped_column(default=False, server_default=false())


class EventRow(Base):
    """One event of a run, as JSON; numbered in the order in which they were told."""

    __tablename__ = "events"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


class FileRow(Base):
    """A file that belongs to a run: its checkpoint, or the network that it left."""

    __tablename__ = "files"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary(2**30)))


class SampleRow(Base):
    """A digit in a person's own handwriting, with what they say it is."""

    __tablename__ = "samples"
    __table_args__ = (UniqueConstraint("owner", "label", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), index=True)
    label: Mapped[int]  # 0..9
    digest: Mapped[str] = mapped_column(String(64))  # of the picture, so that it is kept once
    picture: Mapped[bytes] = mapped_column(LargeBinary(784))  # uint8, 28 rows of 28
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SearchRow(Base):
    """A search: whose it is, what was asked for, where it stands."""

    __tablename__ = "searches"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(16), index=True)
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    config: Mapped[dict[str, Any]] = mapped_column(JSON)
    seconds: Mapped[float] = mapped_column(Double)  # that it has been going on
    reason: Mapped[str] = mapped_column(Text)  # why it has ended, unless that is plain
    test: Mapped[dict[str, Any] | None] = mapped_column(JSON, default=None)
    lease: Mapped[str | None] = mapped_column(String(32), index=True, default=None)


class TrialRow(Base):
    """A trial of a search. Its run may be deleted: the trial stays."""

    __tablename__ = "trials"

    search_id: Mapped[str] = mapped_column(ForeignKey("searches.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


class TableRow(Base):
    """A table that a person has made a task of; what is in it lies in files."""

    __tablename__ = "tables"

    owner: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ServerRow(Base):
    """A server that is up. The leases of runs and searches are tokens; see `core.runs.servers`."""

    __tablename__ = "servers"

    token: Mapped[str] = mapped_column(String(32), primary_key=True)
    machine: Mapped[str] = mapped_column(String(255))  # on which its process has a number
    process: Mapped[int]
    started: Mapped[float] = mapped_column(Double)  # seconds since 1970
    beat: Mapped[datetime] = mapped_column(DateTime(timezone=True))  # by the database's clock


class CommandRow(Base):
    """What a person wants of a run or a search, for the server that leases it to read."""

    __tablename__ = "commands"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))  # "run" or "search"
    subject: Mapped[str] = mapped_column(String(32), index=True)  # id of that
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


class Database:
    """A connection to the database, its tables made or brought up to date.

    Args:
        url: as SQLAlchemy writes them. Defaults to DATABASE_URL, else a SQLite file.

    Raises:
        DatabaseUnavailable: if it cannot be opened, with the reason.
    """

    def __init__(self, url: str | None = None) -> None:
        named = url or settings().database_url
        try:
            self._engine = _engine(named or f"sqlite:///{DEFAULT_FILE}")
            _upgrade(self._engine)
        except ValueError as error:
            raise DatabaseUnavailable(
                "DATABASE_URL does not name a database that can be used here (its port is no"
                " number)."
            ) from error
        except ImportError as error:
            raise DatabaseUnavailable(
                "DATABASE_URL names a database whose driver is not installed"
                f" ({_brief(error)}). For PostgreSQL: pip install 'psycopg[binary]'."
            ) from error
        except (ArgumentError, NoSuchModuleError) as error:
            raise DatabaseUnavailable(
                f"DATABASE_URL does not name a database that can be used here ({_brief(error)})."
            ) from error
        except (SQLAlchemyError, OSError) as error:
            raise DatabaseUnavailable(
                f"The database that keeps the runs cannot be opened ({_brief(error)})."
            ) from error

    @contextlib.contextmanager
    def session(self) -> Iterator[Session]:
        """Opens a session whose changes are kept together when it ends without an error.

        Raises:
            DatabaseUnavailable: if the database fails.
        """
        try:
            with Session(self._engine, expire_on_commit=False) as session, session.begin():
                yield session
        except SQLAlchemyError as error:
            raise DatabaseUnavailable(
                f"The database that keeps the runs does not answer ({_brief(error)})."
            ) from error

    def lock(self, session: Session, name: str) -> None:
        """Lets one transaction at a time go on from here, of all servers' that lock this name.

        It must be the first that the session does, and holds until its end.
        """
        _lock(session.connection(), name)

    @property
    def is_file(self) -> bool:
        """Whether it is a SQLite file, which servers on other machines cannot share."""
        return self._engine.dialect.name == "sqlite"

    def close(self) -> None:
        """Gives the connections back."""
        self._engine.dispose()


def migrations(connection: Connection) -> Config:
    """Returns Alembic's configuration for a database.

    Args:
        connection: to the database.
    """
    from alembic.config import Config  # a quarter of a second, hardly ever needed

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _upgrade(engine: Engine) -> None:
    """Brings the tables to what this version needs, whatever version made them."""
    with engine.connect() as connection:
        if _version(connection) == NEWEST:
            return
    with engine.begin() as connection:
        _lock(connection, "migrations")
        version = _version(connection)
        if version == NEWEST:  # another server was quicker
            return
        from alembic import command
        from alembic.util import CommandError

        config = migrations(connection)
        try:
            if version is None and inspect(connection).has_table(RunRow.__tablename__):
                command.stamp(config, "0001")  # made before there were migrations
            command.upgrade(config, NEWEST)
        except CommandError as error:
            raise DatabaseUnavailable(
                "The database was made by a newer Digit Lab than this one. Use that version, or"
                " name another database by DATABASE_URL."
            ) from error


def _version(connection: Connection) -> str | None:
    """Returns the newest migration that a database has had, or None for none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version


def _lock(connection: Connection, name: str) -> None:
    """Takes a lock that all servers know, until the end of the transaction, which begins here."""
    match connection.dialect.name:
        case "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        case "postgresql":
            connection.execute(
                text("SELECT pg_advisory_xact_lock(:all, hashtext(:name))"),
                {"all": _LOCKS, "name": name},
            )


def _engine(address: str) -> Engine:
    url = make_url(address)
    if url.drivername in _POSTGRESQL:
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "postgresql":
        return _postgresql(url)
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        # Readers do not wait for the writer, and a crash loses nothing that was committed.
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA foreign_keys=ON")

    return engine


def _postgresql(url: URL) -> Engine:
    engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        # A server that falls asleep in the middle of a transaction must not stop all others.
        connection.autocommit = True
        connection.execute(f"SET lock_timeout = '{BUSY_SECONDS}s'")
        connection.execute(f"SET idle_in_transaction_session_timeout = '{2 * BUSY_SECONDS}s'")
        connection.autocommit = False

    return engine


def _brief(error: Exception) -> str:
    """Returns an error's own words, without SQL and without SQLAlchemy's advice."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, OSError):
        return reason(cause)
    return str(cause).strip().splitlines()[0][:200]
