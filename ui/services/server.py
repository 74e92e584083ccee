"""Objects that the server keeps for all visitors: workers, runs, handwriting, limits."""

from __future__ import annotations

import contextlib
import gc
import inspect
import logging
from typing import TYPE_CHECKING, TypeVar

from core.errors import DigitLabError
from core.files import allow_open_files
from core.password import PasswordGuard
from core.settings import Settings, settings
from core.training import preload
from core.workers.pool import Workers
from ui.services.guarded import guarded
from ui.services.lifetime import let_go, owned

if TYPE_CHECKING:
    from core.database import Database
    from core.datasets.tables.owned import OwnTables
    from core.handwriting.repository import Samples
    from core.runs.manager import Runs
    from core.search.manager import Searches

T = TypeVar("T")

OPEN_FILES = 4096  # at a time: each visitor has several
_LOG = logging.getLogger(__name__)
START_TASK = "seven-segment"  # of the start page


@owned
def workers() -> Workers:
    """Returns the server's worker processes, which start when they are needed."""
    return Workers()


@owned
def configuration() -> Settings:
    """Returns this server's settings; raises InvalidInput if the environment is wrong."""
    return settings()


@owned
def password_guard() -> PasswordGuard:
    """Returns who may train, save and delete on this server."""
    password = configuration().password
    return PasswordGuard(None if password is None else password.get_secret_value())


def check_password(person: str) -> None:
    """Raises PasswordRequired if a visitor may give no commands. Every command comes by here."""
    password_guard().check(person)


def runs() -> Runs:
    """Returns the training runs; raises DatabaseUnavailable if they cannot be stored.

    Like all that pages get from here, they check the password before a command.
    """
    return _with_password(unguarded_runs())


def searches() -> Searches:
    """Returns the searches; raises DatabaseUnavailable if they cannot be stored."""
    return _with_password(unguarded_searches())


def samples() -> Samples:
    """Returns people's handwriting; raises DatabaseUnavailable if it cannot be stored."""
    return _with_password(_samples())


def own_tables() -> OwnTables:
    """Returns whose tables are whose; raises DatabaseUnavailable if that cannot be known."""
    return _with_password(_own_tables())


def _with_password(target: T) -> T:
    return guarded(target, check_password) if password_guard().required else target


@owned
def unguarded_runs() -> Runs:
    """Returns the training runs, for what asks for no password of people."""
    from core.runs.manager import Runs  # SQLAlchemy: imported only when needed

    return Runs(_database(), workers(), configuration())


@owned
def unguarded_searches() -> Searches:
    """Returns the searches, for what asks for no password of people."""
    from core.search.manager import Searches

    return Searches(_database(), unguarded_runs(), workers())


@owned
def _samples() -> Samples:
    from core.handwriting.repository import Samples

    return Samples(_database(), configuration())


@owned
def _own_tables() -> OwnTables:
    from core.datasets.tables.owned import OwnTables

    return OwnTables(_database())


@owned
def _database() -> Database:
    from core.database import Database

    return Database()


def close() -> None:
    """Stops the server's helpers when the server stops."""
    for each in let_go():  # runs before workers, or they would look for others for what they do
        if hasattr(each, "close"):
            each.close()


def load_ahead() -> None:
    """Prepares the server for visitors, and loads what the first answer needs."""
    allowed = allow_open_files(OPEN_FILES)
    if allowed is not None and allowed < OPEN_FILES:
        _LOG.warning(
            "Digit Lab may have only %d files open at a time. Many visitors at once need more, one"
            " for every connection: the system's administrator can allow them (ulimit -n %d).",
            allowed,
            OPEN_FILES,
        )
    from ui.services import saved_models

    with contextlib.suppress(DigitLabError):  # the page says it
        for model in saved_models.models(START_TASK)[:1]:
            saved_models.predictor(model)
    # At its first element, Streamlit asks who calls it, and Python then searches every module.
    inspect.stack()


@owned
def prepare_server() -> None:
    """Does slow work once per server after the first page, to keep later clicks fast."""
    workers().warm_up(_settle, preload.load)


def take_part() -> None:
    """Has this server look after runs and searches that others have left, before a page asks.

    With a database of its own it does so only if a search was under way when it ended.

    Raises:
        DatabaseUnavailable: if the database fails.
    """
    from core.search.repository import SearchRepository

    database = _database()
    if not database.is_file or SearchRepository(database, "").unsettled():
        unguarded_searches()


def _settle() -> None:
    """Loads what other pages need at their first visit, and excludes it from garbage collection."""
    import pandas  # noqa: F401  # Streamlit's tables

    import core.runs.manager  # noqa: F401

    with contextlib.suppress(DigitLabError):  # pages that need the database say it
        take_part()
    # The garbage collector need not look at these objects again.
    gc.collect()
    gc.freeze()
