import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import psutil
import pytest
from sqlalchemy import select

from core.database import Database, EventRow, RunRow, ServerRow
from core.errors import DatabaseUnavailable
from core.networks.architecture import Architecture
from core.runs.manager import Runs
from core.runs.ownership import SILENT_SECONDS, Ownership
from core.settings import Settings
from core.training.card import TrainedModel
from core.training.config import TrainingConfig
from core.training.events import EpochDone
from tests.running_app import REPOSITORY
from tests.support.jobs import HandPlayedWorkers
from tests.support.models import card_of_network
from tests.support.patience import wait_until

CONFIG = TrainingConfig(task="seven-segment", source="generated", architecture=Architecture((8,)))
EPOCH = EpochDone(1, 0.5, 0.8, 0.6, 0.7, 1.0)

OTHER_SERVER = """
import sys
from core.database import Database
from core.runs.ownership import Ownership

Ownership(Database(sys.argv[1]))
print("begun", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/runs.sqlite3"


@pytest.fixture
def database(url):
    return Database(url)


def owner_of(database):
    with database.session() as session:
        return session.get(ServerRow, 1)


def write(database, **changes):
    row = {
        "id": 1,
        "token": "other",
        "host": socket.gethostname(),
        "process": os.getppid(),
        "started": psutil.Process(os.getppid()).create_time(),
        "beat": datetime.now(UTC),
    }
    with database.session() as session:
        session.merge(ServerRow(**{**row, **changes}))


def stored(database, run_id):
    """A run's state in the database, and the kinds of its events."""
    with database.session() as session:
        kinds = select(EventRow.content).where(EventRow.run_id == run_id).order_by(EventRow.number)
        return session.get(RunRow, run_id).state, [row["kind"] for row in session.scalars(kinds)]


def test_a_server_owns_the_database_until_it_ends(database):
    first = Ownership(database)
    assert owner_of(database).process == os.getpid()
    first.release()
    assert owner_of(database) is None
    Ownership(database).release()


def test_a_second_server_is_refused_until_the_first_is_gone_however_it_ended(url, database):
    other = subprocess.Popen(
        [sys.executable, "-c", OTHER_SERVER, url],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout.readline().strip() == "begun"
    with pytest.raises(DatabaseUnavailable, match=f"process {other.pid}\\) trains with this"):
        Ownership(database)
    other.kill()
    other.wait()
    Ownership(database).release()


def test_a_process_that_only_has_the_same_number_is_no_server(database):
    write(database, started=1.0)
    Ownership(database).release()


@pytest.mark.parametrize(("silent", "refused"), [(0, True), (SILENT_SECONDS + 1, False)])
def test_a_server_on_another_machine_counts_while_it_says_that_it_lives(database, silent, refused):
    write(database, host="elsewhere", beat=datetime.now(UTC) - timedelta(seconds=silent))
    if refused:
        with pytest.raises(DatabaseUnavailable, match="on elsewhere"):
            Ownership(database)
    else:
        Ownership(database).release()


def test_a_server_that_slept_until_another_had_its_runs_writes_nothing_more(database, url):
    workers = HandPlayedWorkers()
    asleep = Runs(database, workers, Settings())
    run_id = asleep.start(CONFIG, owner="me")
    wait_until(lambda: workers.jobs)
    workers.jobs[0].emit(EPOCH)
    wait_until(lambda: stored(database, run_id) == ("queued", ["queued", "epoch"]))
    # As if that had been on another machine, and long ago.
    write(
        database, host="elsewhere", beat=datetime.now(UTC) - timedelta(seconds=SILENT_SECONDS + 1)
    )
    other = Runs(Database(url), HandPlayedWorkers(), Settings())
    interrupted = ("interrupted", ["queued", "epoch", "note"])
    assert stored(database, run_id) == interrupted
    workers.jobs[0].emit(EPOCH, EPOCH)
    workers.jobs[0].finish(TrainedModel({"model.keras": b"k"}, card_of_network(figures=[])))
    wait_until(lambda: "trains with this database" in asleep.get(run_id).unsaved)
    for act in (
        lambda: asleep.start(CONFIG, owner="me"),
        lambda: asleep.rename(run_id, "Mine", owner="me"),
        lambda: asleep.delete(run_id, owner="me"),
    ):
        with pytest.raises(DatabaseUnavailable, match="trains with this database"):
            act()
    assert stored(database, run_id) == interrupted
    other.resume(run_id, owner="me")
    other.close()
    with pytest.raises(DatabaseUnavailable, match="Start this one again"):
        asleep.start(CONFIG, owner="me")
    asleep.close()


def test_a_server_keeps_saying_that_it_lives(database, monkeypatch):
    from core.runs import ownership

    monkeypatch.setattr(ownership, "BEAT_SECONDS", 0.01)
    mine = Ownership(database)
    begun = owner_of(database).beat
    wait_until(lambda: owner_of(database).beat > begun)
    mine.release()
    assert owner_of(database) is None
