"""Several servers with one database. The workers are played by hand."""

import dataclasses
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import psutil
import pytest
from sqlalchemy import delete, func, select

from core.database import CommandRow, Database, EventRow, RunRow, ServerRow
from core.errors import LeaseLost, LimitReached, NoSuchRun
from core.jobs.training import TrainingJob
from core.networks.architecture import Architecture
from core.runs.orders import STOPPED_EARLY
from core.runs.repository import LEFT_OVER, News, RunRepository
from core.runs.servers import SILENT_SECONDS, Servers, this_machine
from core.settings import Settings
from core.training.card import TrainedModel
from core.training.checkpoint import Checkpoint, Position
from core.training.config import TrainingConfig
from core.training.events import EpochDone, Finished, Note, Paused, Started
from core.workers.commands import SetLearningRate, Signal
from tests.running_app import REPOSITORY
from tests.support.jobs import HandPlayedWorkers
from tests.support.models import card_of_network
from tests.support.patience import wait_until
from tests.support.servers import PlayedServer, look_often, stop_beating

CONFIG = TrainingConfig(
    task="seven-segment", source="generated", architecture=Architecture((8,)), epochs=3
)
STARTED = Started(100, 22_000, 10)
MODEL = TrainedModel(
    {"model.keras": b"keras", "model.tflite": b"litert"}, card_of_network(figures=[])
)
OTHER_SERVER = """
import sys
from core.database import Database
from core.runs.servers import Servers

Servers(Database(sys.argv[1]))
print("begun", flush=True)
sys.stdin.read()
"""


def epoch(number):
    return EpochDone(number, 0.5, 0.8, 0.6, 0.7, float(number))


def checkpoint(epochs):
    return Checkpoint(Position(epoch=epochs), (), ()).to_bytes()


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    look_often(monkeypatch)


@pytest.fixture
def database(database_url):
    made = Database(database_url)
    yield made
    made.close()


@pytest.fixture
def start(database_url):
    """Starts a server with the database, which ends with the test."""
    begun = []

    def begin(**options):
        begun.append(PlayedServer(database_url, **options))
        return begun[-1]

    yield begin
    for server in begun:
        server.close()


@pytest.fixture
def two(start):
    """Two servers that know of each other."""
    servers = start(), start()
    for server in servers:
        wait_until(lambda runs=server.runs: runs.servers.others)
    return servers


def under_way(server, *, epochs=1):
    """Starts a run that has done so many epochs, and whose checkpoint is stored."""
    run_id = server.runs.start(CONFIG, owner="me")
    job = server.job()
    job.emit(STARTED, *map(epoch, range(1, epochs + 1)))
    job.save(1, checkpoint(epochs))
    repository = RunRepository(server.database, "")
    wait_until(lambda: repository.checkpoint(run_id))
    return run_id


def at_once(steps):
    """Does several things at the same time."""
    threads = [threading.Thread(target=step) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def leases(database):
    with database.session() as session:
        return dict(session.execute(select(RunRow.id, RunRow.lease)).all())


@pytest.fixture
def join(database_url):
    """Writes a server down that does nothing."""
    begun = []

    def begin():
        begun.append(Servers(Database(database_url)))
        return begun[-1]

    yield begin
    for servers in begun:
        servers.leave()
        servers._database.close()


def test_a_server_is_written_down_until_it_ends(join, database):
    first, second = join(), join()
    assert second.others == {first.token}
    second.leave()
    assert join().others == {first.token}
    with database.session() as session:
        row = session.get(ServerRow, first.token)
        assert (row.machine, row.process) == (this_machine(), os.getpid())


def test_a_process_that_was_killed_counts_no_longer(join, database_url):
    other = subprocess.Popen(
        [sys.executable, "-c", OTHER_SERVER, database_url],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout.readline().strip() == "begun"
    found = join()
    assert len(found.others) == 1
    other.kill()
    other.wait()
    wait_until(lambda: not found.others)
    assert not join().others - {found.token}


def test_a_server_goes_on_saying_that_it_is_up_whatever_happens(join, database, monkeypatch):
    monkeypatch.setattr("core.runs.servers.BEAT_SECONDS", 0.05)
    servers = join()
    beat, failed = servers._beat, []

    def fail_first(judging):
        if not failed:
            failed.append(True)
            raise RuntimeError("The network is down.")
        beat(judging)

    def is_written():
        with database.session() as session:
            return session.get(ServerRow, servers.token)

    monkeypatch.setattr(servers, "_beat", fail_first)
    wait_until(lambda: failed)
    with database.session() as session:  # as one that took it to be gone
        session.execute(delete(ServerRow))
    wait_until(is_written)


@pytest.mark.parametrize(
    ("row", "counts"),
    [
        ({"started": 1.0}, False),  # a process that only has the same number
        ({"machine": "elsewhere"}, True),
        ({"machine": "elsewhere", "silent": SILENT_SECONDS + 5}, False),
        ({"silent": SILENT_SECONDS + 5}, False),  # it is there, but hangs
    ],
)
def test_a_server_counts_while_it_says_that_it_lives(join, database, row, counts):
    written = {
        "token": "other",
        "machine": this_machine(),
        "process": os.getpid(),
        "started": psutil.Process().create_time(),
        "silent": 0,
    } | row
    beat = datetime.now(UTC) - timedelta(seconds=written.pop("silent"))
    with database.session() as session:
        session.add(ServerRow(**written, beat=beat))
    assert (join().others == {"other"}) == counts
    with database.session() as session:
        assert (session.get(ServerRow, "other") is not None) == counts


def test_after_a_sleep_of_the_whole_machine_nobody_is_judged_by_silence(join, monkeypatch):
    servers = join()
    stop_beating(servers)
    now = [1000.0]
    monkeypatch.setattr("core.runs.servers.time.monotonic", lambda: now[0])
    servers._beaten, servers._steady_since = 999.0, 900.0
    for passed, steady in ((0, True), (20, False), (3, False), (13, True)):
        now[0] += passed
        assert servers._is_steady() == steady, passed
        servers._beaten = now[0]


def test_a_run_goes_on_by_itself_with_another_server_when_its_own_was_killed(two):
    first, second = two
    run_id = under_way(first, epochs=2)
    first.job().emit(epoch(3))  # which is not in the checkpoint
    wait_until(lambda: len(second.runs.history(run_id).epochs) == 3)
    first.kill()
    job = second.job()
    assert job.spec == TrainingJob(CONFIG, 100_000, checkpoint(2))
    assert second.runs.get(run_id).state == "queued"
    (note,) = second.runs.history(run_id).notes
    assert note.startswith(LEFT_OVER)
    assert "goes on from the end of epoch 2" in note
    job.emit(Started(100, 22_000, 10, epoch=3), epoch(3), Finished("complete", 3, 3))
    job.finish(MODEL)
    wait_until(lambda: second.runs.get(run_id).state == "finished")
    assert [e.epoch for e in second.runs.history(run_id).epochs] == [1, 2, 3]
    assert second.runs.result(run_id) == MODEL
    assert [info.id for info in second.runs.of("me")] == [run_id]
    wait_until(lambda: leases(second.database) == {run_id: None})


def test_a_server_that_ends_leaves_its_runs_to_the_other_at_once(two):
    first, second = two
    run_id = under_way(first)
    waiting = first.runs.start(CONFIG, owner="me")
    first.close()
    assert second.job().spec == TrainingJob(CONFIG, 100_000, checkpoint(1))
    wait_until(lambda: second.runs.get(waiting).queue_position == 1)
    assert second.runs.history(waiting).notes == ()
    assert second.runs.get(run_id).state == "queued"


def test_a_paused_run_stays_paused_at_the_next_server(two):
    first, second = two
    run_id = under_way(first)
    first.job().emit(Paused(2, 5))
    wait_until(lambda: second.runs.get(run_id).state == "paused")
    first.kill()
    wait_until(lambda: second.runs.history(run_id).notes)
    assert "stays paused" in second.runs.history(run_id).notes[0]
    assert (second.runs.get(run_id).state, second.workers.jobs) == ("paused", [])
    second.runs.command(run_id, Signal("resume"), owner="me")
    assert second.job().spec.checkpoint == checkpoint(1)


def test_of_several_servers_one_takes_a_run_over(start, join):
    first = start()
    run_id = under_way(first)
    first.kill()
    barrier, taken = threading.Barrier(4), []

    def take(servers):
        repository = RunRepository(servers._database, servers.token)
        barrier.wait()
        if repository.take_over(run_id):
            taken.append(servers.token)

    rest = [join() for _ in range(4)]
    at_once([lambda servers=servers: take(servers) for servers in rest])
    assert len(taken) == 1
    assert leases(first.database) == {run_id: taken[0]}


def test_a_server_that_slept_until_another_had_its_runs_writes_nothing_more(two):
    asleep, other = two
    run_id = under_way(asleep)
    asleep.fall_asleep()
    job = other.job()
    with other.database.session() as session:
        count = select(func.count()).where(EventRow.run_id == run_id)
        wait_until(lambda: leases(other.database)[run_id] == other.runs.servers.token)
        wait_until(lambda: other.runs._lives.get(run_id).kept)
        before = session.scalar(count)
    sleeper = asleep.job()
    sleeper.emit(epoch(2), epoch(3), Finished("complete", 3, 3))
    sleeper.save(2, checkpoint(3))
    sleeper.finish(MODEL)
    wait_until(lambda: asleep.runs._lives.get(run_id) is None)
    assert asleep.runs.get(run_id).state == "queued"  # as the other one has it
    with other.database.session() as session:
        assert session.scalar(count) == before
    assert RunRepository(other.database, "").checkpoint(run_id) == checkpoint(1)
    job.emit(Started(100, 22_000, 10, epoch=2), epoch(2), epoch(3))
    wait_until(lambda: len(asleep.runs.history(run_id).epochs) == 3)


def test_everything_that_is_written_about_a_run_needs_its_lease(two):
    first, second = two
    run_id = under_way(first)
    repository = RunRepository(second.database, second.runs.servers.token)
    info = dataclasses.replace(first.runs.get(run_id), state="failed")
    assert repository.store([News(info, [Note("?")], 9)]) == set()
    with pytest.raises(LeaseLost):
        repository.save_checkpoint(run_id, b"?")
    with pytest.raises(LeaseLost):
        repository.save_result(run_id, MODEL)
    assert repository.get(run_id).state == "running"
    assert repository.checkpoint(run_id) == checkpoint(1)
    assert repository.result(run_id) is None
    assert first.runs.history(run_id).notes == ()


def test_a_run_that_another_server_has_taken_ends_here(two):
    first, second = two
    run_id = under_way(first)
    with second.database.session() as session:
        session.get(RunRow, run_id).lease = second.runs.servers.token
    wait_until(lambda: first.job().commands == [Signal("stop")])
    assert first.runs._lives.get(run_id) is None


def test_any_server_shows_any_run_as_it_goes(two):
    first, second = two
    run_id = under_way(first)
    waiting = first.runs.start(CONFIG, owner="me", name="Waiting")
    assert [e.epoch for e in second.runs.history(run_id).epochs] == [1]
    first.job().emit(epoch(2))
    wait_until(lambda: len(second.runs.history(run_id).epochs) == 2)
    assert second.runs.history(run_id) == first.runs.history(run_id)
    infos = {info.id: info for info in second.runs.of("me")}
    assert (infos[run_id].state, infos[waiting].state) == ("running", "queued")
    assert infos[waiting].queue_position == 1


def test_any_server_obeys_a_run_s_owner(two):
    first, second = two
    run_id = under_way(first)
    waiting = first.runs.start(CONFIG, owner="me")
    job = first.job()
    with pytest.raises(NoSuchRun, match="somebody else's"):
        second.runs.command(run_id, Signal("stop"), owner="you")
    second.runs.command(run_id, Signal("pause"), owner="me")
    second.runs.command(run_id, SetLearningRate(0.5), owner="me")
    second.runs.command(run_id, Signal("slow"), owner="me")
    second.runs.command(run_id, Signal("resume"), owner="me", note="Go on!")
    wait_until(lambda: len(job.commands) == 4)
    assert job.commands == [
        Signal("pause"),
        SetLearningRate(0.5),
        Signal("slow"),
        Signal("resume"),
    ]
    wait_until(lambda: second.runs.history(run_id).notes == ("Go on!",))
    assert second.runs.history(run_id).slow
    second.runs.rename(run_id, "Mine", owner="me")
    assert second.runs.get(run_id).name == "Mine"
    wait_until(lambda: first.runs.get(run_id).name == "Mine")
    second.runs.command(waiting, Signal("stop"), owner="me")
    wait_until(lambda: second.runs.get(waiting).error == STOPPED_EARLY)
    with second.database.session() as session:
        assert session.scalar(select(func.count()).select_from(CommandRow)) == 0


def test_any_server_deletes_a_run(two):
    first, second = two
    run_id = under_way(first)
    job = first.job()
    second.runs.delete(run_id, owner="me")
    for server in two:
        assert server.runs.of("me") == [] or server is first
    wait_until(lambda: job.commands == [Signal("stop")])
    job.emit(epoch(2))
    job.finish(MODEL)
    wait_until(lambda: job.slot.discarded)
    with pytest.raises(NoSuchRun):
        first.runs.get(run_id)
    assert leases(first.database) == {}


def test_a_command_waits_for_the_server_that_takes_the_run_over(two):
    first, second = two
    run_id = under_way(first)
    stop = second.runs.servers._over
    first.kill()
    second.runs.command(run_id, SetLearningRate(0.5), owner="me")
    wait_until(lambda: SetLearningRate(0.5) in second.job().commands)
    assert not stop.is_set()


def test_a_command_that_came_too_late_is_forgotten_when_the_run_is_resumed(two):
    first, second = two
    run_id = under_way(first)
    first.job().fail("No memory.")
    wait_until(lambda: second.runs.get(run_id).state == "failed")
    second.runs._mailbox.send(run_id, {"command": {"kind": "stop"}, "note": ""})
    second.runs.resume(run_id, owner="me")
    second.job().emit(Started(100, 22_000, 10, epoch=2), epoch(2))
    wait_until(lambda: len(first.runs.history(run_id).epochs) == 2)
    assert second.job().commands == []


def test_of_two_servers_one_resumes_a_run(two):
    first, second = two
    run_id = under_way(first)
    first.job().fail("No memory.")
    wait_until(lambda: second.runs.get(run_id).state == "failed")
    wait_until(lambda: first.runs._lives.get(run_id) is None)
    at_once([lambda runs=server.runs: runs.resume(run_id, owner="me") for server in two])
    wait_until(lambda: len(first.workers.jobs) + len(second.workers.jobs) == 2)
    assert first.runs.get(run_id).under_way
    assert second.runs.get(run_id).under_way


def test_what_a_person_may_have_counts_over_all_servers(start):
    limits = Settings(max_runs=3, max_kept_runs=4)
    servers = [start(limits=limits) for _ in range(2)]
    refused = []

    def ask(server):
        for _ in range(3):
            try:
                server.runs.start(CONFIG, owner="me")
            except LimitReached as error:
                refused.append(str(error))

    at_once([lambda server=server: ask(server) for server in servers])
    assert len(servers[0].runs.of("me")) == 3
    assert len(refused) == 3


@pytest.fixture
def sharing(start):
    """Two servers with the same cluster of two workers for runs."""
    servers = start(workers=HandPlayedWorkers(2)), start(workers=HandPlayedWorkers(2))
    for server in servers:
        server.workers.shared = True
        wait_until(lambda runs=server.runs: runs.servers.others)
    return servers


def test_no_worker_of_a_shared_cluster_is_given_to_two_runs(sharing):
    first, second = sharing
    mine = [first.runs.start(CONFIG, owner="me") for _ in range(3)]
    first.job(2)
    yours = second.runs.start(CONFIG, owner="you")
    wait_until(lambda: second.runs._dispatcher.slots == 2)
    assert (len(first.workers.jobs), second.workers.jobs) == (2, [])
    # The next place is the other server's, which has none, though this one notices first.
    first.job().emit(STARTED, Finished("complete", 3, 3))
    first.job().finish(MODEL)
    second.job()
    assert len(first.workers.jobs) == 2
    second.job().finish(MODEL)
    first.job(3)
    states = [first.runs.get(run_id).state for run_id in (*mine, yours)]
    assert sorted(states) == ["finished", "finished", "queued", "queued"]
    assert first.runs.get(mine[2]).queue_position == 0


def test_a_paused_run_leaves_its_worker_to_one_that_waits_at_another_server(sharing):
    first, second = sharing
    paused = under_way(first)
    first.job().emit(Paused(2, 5))
    first.runs.start(CONFIG, owner="me")
    first.job(2).emit(STARTED)
    wait_until(lambda: second.runs.get(paused).state == "paused")
    second.runs.start(CONFIG, owner="you")
    wait_until(lambda: first.job().commands == [Signal("preempt")])
    first.job().emit(Paused(2, 5, preempted=True))
    first.job().finish(None)
    second.job()


def test_a_server_that_is_gone_holds_no_worker(sharing):
    first, second = sharing
    for _ in range(2):
        first.runs.start(CONFIG, owner="me")
    first.job(2)
    first.kill()
    second.job(2)


def test_a_run_of_a_newer_version_is_left_to_a_server_that_knows_it(two):
    first, second = two
    run_id = under_way(first)
    with first.database.session() as session:
        session.add(EventRow(run_id=run_id, number=99, content={"kind": "teleported"}))
    first.kill()
    wait_until(lambda: run_id in second.runs._caretaker._unreadable)
    assert leases(second.database)[run_id] == first.runs.servers.token
    assert second.workers.jobs == []
