"""Each person has tables of their own, and nobody else sees the list."""

import pytest

from core.database import Database
from core.datasets.tables import owned, storage
from core.datasets.tables.owned import OwnTables
from core.errors import InvalidInput, LimitReached
from tests.support.tables import fruit, record_of

DATA = fruit()
RECORD, OTHER = record_of(DATA), record_of(DATA, seed=1)


@pytest.fixture
def tables(monkeypatch, tmp_path):
    monkeypatch.setenv("DIGIT_LAB_UPLOADS", str(tmp_path / "uploads"))
    storage._records.clear()
    database = Database(f"sqlite:///{tmp_path / 'runs.sqlite3'}")
    yield OwnTables(database)
    database.close()
    storage._records.clear()


def test_a_table_is_its_owners_and_found_after_a_restart(tables, tmp_path):
    tables.add("ada", RECORD, DATA)
    tables.add("ada", RECORD, DATA)  # pressed twice
    tables.add("bob", OTHER, DATA)
    storage._records.clear()
    again = OwnTables(Database(f"sqlite:///{tmp_path / 'runs.sqlite3'}"))
    assert again.of("ada") == [RECORD]
    assert again.has("bob", OTHER.name)
    assert not again.has("ada", OTHER.name)


def test_deleting_leaves_what_others_have_and_forgets_the_rest(tables):
    for owner in ("ada", "bob"):
        tables.add(owner, RECORD, DATA)
    tables.delete("ada", RECORD.name)
    assert tables.of("ada") == []
    assert storage.missing(RECORD) is None
    tables.delete("bob", RECORD.name)
    assert storage.missing(RECORD) == storage.GONE
    with pytest.raises(InvalidInput):
        storage.known(RECORD.name)


def test_the_record_stays_while_a_network_needs_it(tables):
    tables.add("ada", RECORD, DATA)
    tables.delete("ada", RECORD.name, learned=True)
    assert storage.missing(RECORD) == storage.GONE
    assert storage.known(RECORD.name) == RECORD


def test_one_person_has_so_many_at_most(tables, monkeypatch):
    monkeypatch.setattr(owned, "MAX_TABLES", 1)
    tables.add("ada", RECORD, DATA)
    with pytest.raises(LimitReached, match="You have 1 tables"):
        tables.add("ada", OTHER, DATA)
