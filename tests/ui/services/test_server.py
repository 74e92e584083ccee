"""What a new server finds of the one before."""

import pytest

from core.database import Database
from core.runs.manager import Runs
from core.search.manager import Searches
from core.settings import Settings
from tests.support.jobs import HandPlayedWorkers
from tests.support.searches import search
from ui.services import server


@pytest.fixture
def database(tmp_path, monkeypatch):
    database = Database(f"sqlite:///{tmp_path}/runs.sqlite3")
    monkeypatch.setattr(server, "_database", lambda: database)
    return database


@pytest.fixture
def begun(monkeypatch):
    """Whether the searches were asked for, once for each time."""
    begun = []
    monkeypatch.setattr(server, "unguarded_searches", lambda: begun.append(True))
    return begun


def test_searches_go_on_with_the_next_server_and_nothing_begins_without_one(database, begun):
    server.take_part()
    assert not begun
    workers = HandPlayedWorkers()
    runs = Runs(database, workers, Settings())
    searches = Searches(database, runs, workers)
    searches.start(search(trials=1), owner="me")
    server.take_part()
    assert not begun  # another server drives it
    searches.close()
    runs.close()
    server.take_part()
    assert len(begun) == 1


def test_a_server_whose_database_others_may_share_takes_part_at_once(database, begun, monkeypatch):
    monkeypatch.setattr(Database, "is_file", False)
    server.take_part()
    assert len(begun) == 1
