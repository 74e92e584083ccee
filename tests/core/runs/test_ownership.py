import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import psutil
import pytest

from core.database import Database, ServerRow
from core.errors import DatabaseUnavailable
from core.runs.ownership import SILENT_SECONDS, Ownership
from tests.running_app import REPOSITORY

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


def test_a_server_keeps_saying_that_it_lives(database, monkeypatch):
    from core.runs import ownership
    from tests.support.patience import wait_until

    monkeypatch.setattr(ownership, "BEAT_SECONDS", 0.01)
    mine = Ownership(database)
    begun = owner_of(database).beat
    wait_until(lambda: owner_of(database).beat > begun)
    mine.release()
    assert owner_of(database) is None
