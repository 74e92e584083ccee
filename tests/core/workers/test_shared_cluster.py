"""A cluster as it is put up for many: a scheduler and workers of their own, and PostgreSQL."""

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys

import psutil
import pytest

from core.database import Database
from core.runs.manager import Runs
from core.runs.repository import LEFT_OVER
from core.search.manager import Searches
from core.settings import Settings
from core.workers.commands import Signal
from core.workers.pool import Workers
from tests.core.workers.test_pool import REPOSITORY, SMALL
from tests.support.patience import wait_until
from tests.support.searches import RUN, search

pytestmark = [pytest.mark.keras, pytest.mark.slow]
WORKERS = 4


@contextlib.contextmanager
def started(folder, *command):
    """Runs one of Dask's programs in a process of its own."""
    quiet = ("--no-dashboard", "--scheduler-file", str(folder / "scheduler.json"))
    with (folder / "dask.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *command, *quiet],
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), "TMPDIR": str(folder)},
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """The address of a scheduler with four workers of one thread each."""
    folder = tmp_path_factory.mktemp("cluster")
    worker = ("worker", "--nthreads", "1", "--no-nanny", "--memory-limit", "0")
    with contextlib.ExitStack() as stack:
        stack.enter_context(started(folder, "scheduler", "--host", "127.0.0.1", "--port", "0"))
        for _ in range(WORKERS):
            local = ("--local-directory", str(folder))
            stack.enter_context(started(folder, *worker, "--host", "127.0.0.1", *local))
        wait_until((folder / "scheduler.json").exists)
        from distributed import Client

        with Client(scheduler_file=str(folder / "scheduler.json"), set_as_default=False) as client:
            wait_until(lambda: len(client.nthreads()) == WORKERS)
            address = client.scheduler.address
        yield address


class Server:
    """A server in this process."""

    def __init__(self, url):
        self.database = Database(url)
        self.workers = Workers()
        self.runs = Runs(self.database, self.workers, Settings())
        self.searches = Searches(self.database, self.runs, self.workers)

    def close(self):
        self.searches.close()
        self.runs.close()
        self.workers.close()
        self.database.close()


@pytest.fixture
def url(postgresql):
    with postgresql.database() as url:
        yield url


@pytest.fixture
def server(cluster, url, monkeypatch):
    monkeypatch.setenv("DASK_SCHEDULER", cluster)
    made = Server(url)
    yield made
    made.close()


OTHER_SERVER = """
import sys, time
from core.database import Database
from core.runs.manager import Runs
from core.settings import Settings
from core.workers.pool import Workers
from tests.core.workers.test_shared_cluster import LONGER

if __name__ == "__main__":
    runs = Runs(Database(sys.argv[1]), Workers(), Settings())
    run_id = runs.start(LONGER, owner="me")
    while not runs.get(run_id).has_checkpoint:
        time.sleep(0.01)
    print(run_id, flush=True)
    time.sleep(600)
"""
LONGER = dataclasses.replace(SMALL, epochs=12, batch_size=128)


def test_a_run_goes_on_with_another_server_when_its_own_was_killed(server, url):
    other = subprocess.Popen(
        [sys.executable, "-c", OTHER_SERVER, url],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        text=True,
    )
    run_id = other.stdout.readline().strip()
    runs = server.runs
    runs.command(run_id, Signal("pause"), owner="me")
    wait_until(lambda: runs.get(run_id).state == "paused")
    done = len(runs.history(run_id).epochs)
    assert 1 <= done < LONGER.epochs
    runs.command(run_id, Signal("resume"), owner="me")
    wait_until(lambda: runs.get(run_id).state == "running")
    other.send_signal(signal.SIGKILL)
    other.wait()
    wait_until(lambda: not runs.get(run_id).under_way)
    history = runs.history(run_id)
    assert [epoch.epoch for epoch in history.epochs] == list(range(1, LONGER.epochs + 1))
    (note,) = history.notes
    assert note.startswith(LEFT_OVER)
    assert "goes on from the end of epoch" in note
    (info,) = runs.of("me")
    assert (info.state, info.card.entries["epochs"]) == ("finished", LONGER.epochs)
    assert runs.result(run_id) is not None


def test_a_search_goes_on_when_a_worker_is_killed(server):
    base = dataclasses.replace(RUN, epochs=12, batch_size=64, noise="flip", noise_level=0.15)
    config = search("learning_rate=1e-3..1e-2:log", base=base, trials=4, parallel=2, pruner="none")
    search_id = server.searches.start(config, owner="me")

    def under_way():
        return [
            trial for trial in server.searches.get(search_id).open if len(trial.losses) in (2, 3, 4)
        ]

    wait_until(under_way)
    hit = under_way()[0]
    pid = server.runs.history(hit.run_id).started.pid
    psutil.Process(pid).kill()
    wait_until(lambda: server.searches.get(search_id).state == "finished")
    info = server.searches.get(search_id)
    assert [trial.state for trial in info.trials] == ["complete"] * 4
    assert [len(trial.losses) for trial in info.trials] == [12] * 4
    assert len(server.runs.of("me")) == 4
    histories = [server.runs.history(trial.run_id) for trial in info.trials]
    for history in histories:
        assert [epoch.epoch for epoch in history.epochs] == list(range(1, 13))
    assert any("ended unexpectedly" in note for note in histories[hit.number].notes)
    assert pid not in {history.started.pid for history in histories}
