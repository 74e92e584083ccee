"""Searches of several servers with one database, which look when a test wants them to."""

import pytest

from core.errors import InvalidInput, LeaseLost, NoSuchSearch
from core.runs.orders import STOPPED_EARLY
from core.search.orders import OPENED
from core.training.events import Finished
from core.workers.commands import Signal
from tests.core.search.test_searches import FIGURE, MODEL, VERDICT, Server, states
from tests.support.patience import wait_until
from tests.support.searches import search
from tests.support.servers import change_row, look_often, stop_beating


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    look_often(monkeypatch)


@pytest.fixture
def two(database_url):
    servers = Server(database_url), Server(database_url)
    for server in servers:
        wait_until(lambda runs=server.runs: runs.servers.others)
    yield servers
    for server in servers:
        server.close()


def kill(server):
    """Ends a server without a farewell."""
    stop_beating(server.runs.servers)
    server.runs._inbox.put(None)
    server.runs._thread.join()
    change_row(server.database, server.runs.servers, started=1.0)


def look(server, search_id):
    server.searches._look_at_leases()
    return server.look(search_id)


def test_a_search_goes_on_with_another_server_when_its_own_was_killed(two):
    first, second = two
    search_id = first.searches.start(search(trials=3, parallel=2), owner="me")
    first.look(search_id)
    before = first.complete(search_id, 3.0, 2.0, 1.0)
    for trial in before.open:
        first.tell(trial, 3.0)
    before = first.look(search_id)
    assert look(second, search_id).trials == before.trials
    assert second.searches._active == {}
    kill(first)
    wait_until(lambda: not second.runs.servers.others)
    info = look(second, search_id)
    assert states(info) == ["complete", "running", "running"]
    wait_until(lambda: len(second.workers.jobs) == 2)  # both runs go on here, each once
    for trial in before.open:
        second.tell(trial, 3.0, 2.0, 0.5, ending="complete")
    info = look(second, search_id)
    assert (info.state, states(info)) == ("finished", ["complete"] * 3)
    assert len(second.runs.of("me")) == 3


def test_one_server_at_a_time_drives_a_search(two):
    first, second = two
    search_id = first.searches.start(search(trials=9, parallel=1), owner="me")
    first.look(search_id)
    kill(first)
    wait_until(lambda: not second.runs.servers.others)
    look(second, search_id)
    with pytest.raises(LeaseLost):
        first.searches._keep(first.searches._active[search_id], first.searches.get(search_id))
    first.searches._look_at_leases()
    assert first.searches._active == {}
    assert len(second.searches.get(search_id).trials) == 1


def test_any_server_obeys_a_search_s_owner(two):
    first, second = two
    search_id = first.searches.start(search(trials=2, parallel=1), owner="me")
    trial = first.look(search_id).trials[0]
    job = first.job(trial)
    with pytest.raises(NoSuchSearch, match="somebody else's"):
        second.searches.pause(search_id, owner="you")
    second.searches.pause(search_id, owner="me")
    assert look(first, search_id).state == "paused"
    assert second.searches.get(search_id).state == "paused"
    assert job.commands == [Signal("pause")]
    second.searches.resume(search_id, owner="me")
    second.searches.rename(search_id, "Mine", owner="me")
    info = look(first, search_id)
    assert (info.state, info.name) == ("running", "Mine")
    assert second.searches.get(search_id).name == "Mine"
    second.searches.extend(search_id, owner="me", trials=1)
    assert look(first, search_id).config.trials == 3
    with pytest.raises(InvalidInput, match=r"trials in 1..500"):
        second.searches.extend(search_id, owner="me", trials=1000)
    second.searches.stop(search_id, owner="me")
    assert look(first, search_id).state == "stopped"
    job.emit(Finished("stopped", 1, 1))
    job.finish(MODEL)
    wait_until(lambda: not second.runs.get(trial.run_id).under_way)
    assert states(look(first, search_id)) == ["stopped"]


def test_a_search_that_has_ended_is_anybody_s(two):
    first, second = two
    search_id = first.searches.start(search(trials=1), owner="me")
    first.look(search_id)
    with pytest.raises(InvalidInput, match="stays closed"):
        second.searches.open_test(search_id, owner="me")
    assert first.complete(search_id, 1.0).state == "finished"
    (trial,) = look(second, search_id).trials
    wait_until(lambda: second.runs.result(trial.run_id))  # it is stored a moment later
    second.searches.open_test(search_id, owner="me")
    second.workers.jobs[-1].finish(VERDICT)
    assert look(second, search_id).test.figures == (FIGURE,)
    with pytest.raises(InvalidInput) as caught:
        first.searches.extend(search_id, owner="me", trials=1)
    assert str(caught.value) == OPENED


def test_any_server_deletes_a_search(two):
    first, second = two
    search_id = first.searches.start(search(trials=9, parallel=1), owner="me")
    trial = first.look(search_id).trials[0]
    job = first.job(trial)
    second.searches.delete(search_id, owner="me")
    wait_until(lambda: job.commands == [Signal("stop")])
    first.searches._look_at_leases()
    assert first.searches._active == {}
    with pytest.raises(NoSuchSearch):
        first.searches.get(search_id)


def test_a_run_that_was_begun_while_its_search_was_deleted_elsewhere_is_stopped(two):
    first, second = two
    first.workers.slots = 0
    search_id = first.searches.start(search(trials=9, parallel=1), owner="me")
    trial = first.look(search_id).trials[0]
    second.searches._repository.delete(search_id)  # before it could know of the run
    first.searches._look_at_leases()
    wait_until(lambda: second.runs.get(trial.run_id).error == STOPPED_EARLY)
