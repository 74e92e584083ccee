"""A search that compares: every point is trained to the end and measured, and nothing is chosen."""

from dataclasses import replace

import pytest

from core.errors import InvalidInput
from core.search.config import SearchConfig
from core.search.manager import DELETED
from core.search.orders import NOTHING_CHOSEN
from core.search.results import best_trial, rows, seconds_left, share_done
from core.search.space import Space
from core.search.study import propose
from core.search.trial import Trial
from tests.core.search.test_searches import Server, states
from tests.support.patience import wait_until
from tests.support.searches import RUN, complete

LEVELS = SearchConfig.comparison(RUN, Space.parse(["seed=1|2|3"]))


@pytest.fixture
def server(database_url):
    made = Server(database_url)
    yield made
    made.close()


def ended(trial, server):
    wait_until(lambda: not server.runs.get(trial.run_id).under_way)


def test_all_runs_are_ordinary_ones_in_order_and_none_is_the_winner(server):
    search_id = server.searches.start(LEVELS, owner="me", name="Three seeds")
    info = server.look(search_id)
    runs = [server.runs.get(trial.run_id) for trial in info.trials]
    assert [run.config for run in runs] == LEVELS.runs
    assert [run.name for run in runs] == ["Three seeds, 1", "Three seeds, 2", "Three seeds, 3"]
    assert server.job(info.trials[0]).spec.test  # as with any other run
    for trial in info.trials:
        server.tell(trial, 3.0, 2.0, 1.0, ending="complete")
    info = server.look(search_id)
    assert (info.state, states(info)) == ("finished", ["complete"] * 3)
    assert best_trial(info.config, info.trials) is None
    assert not any(row.best for row in rows(info.config, info.trials))
    for refused in (server.searches.open_test, server.searches.extend):
        with pytest.raises(InvalidInput) as caught:
            refused(search_id, owner="me")
        assert str(caught.value) == NOTHING_CHOSEN


def test_what_was_left_out_is_tried_again_and_the_rest_stays(server):
    search_id = server.searches.start(LEVELS, owner="me")
    first, second, third = server.look(search_id).trials
    server.tell(first, 1.0, ending="complete")
    server.job(second).fail("No memory.")
    ended(second, server)
    server.tell(third, 1.0, ending="complete")
    info = server.look(search_id)
    assert (info.state, states(info)) == ("finished", ["complete", "failed", "complete"])
    assert info.can_go_on
    server.runs.delete(third.run_id, owner="me")  # after it was complete
    server.searches.resume(search_id, owner="me")
    info = server.look(search_id)
    assert (info.state, states(info)) == ("running", ["complete", "running", "running"])
    assert info.trials[0].run_id == first.run_id
    assert {second.run_id, third.run_id}.isdisjoint(trial.run_id for trial in info.trials)
    assert [server.runs.get(trial.run_id).config for trial in info.trials] == LEVELS.runs


def test_a_stopped_run_goes_on_from_its_checkpoint_after_a_restart(database_url):
    before = Server(database_url)
    search_id = before.searches.start(LEVELS, owner="me")
    trials = before.look(search_id).trials
    before.tell(trials[0], 1.0)
    before.close()  # its runs are interrupted
    server = Server(database_url)
    server.searches.stop(search_id, owner="me")
    assert states(server.look(search_id)) == ["stopped"] * 3
    server.searches.resume(search_id, owner="me")
    info = server.look(search_id)
    assert states(info) == ["running"] * 3
    assert [trial.run_id for trial in info.trials] == [trial.run_id for trial in trials]
    server.runs.delete(trials[2].run_id, owner="me")
    assert server.look(search_id).trials[2].reason == DELETED
    server.close()


def test_points_are_proposed_in_the_order_of_the_grid():
    config = SearchConfig.comparison(RUN, Space.parse(["hidden=8|16", "seed=1|2"]))
    trials = []
    while (found := propose(config, trials)) is not None:
        trials.append(complete(len(trials), 1.0, **found))
    assert [list(trial.parameters.values()) for trial in trials] == [
        ["8", "1"],
        ["8", "2"],
        ["16", "1"],
        ["16", "2"],
    ]


def test_the_time_left_is_known_once_half_a_run_is_done():
    waiting = Trial(1, {"seed": "2"})
    first = Trial(0, {"seed": "1"}, "running", losses=(1.0,))
    second = replace(first, losses=(1.0, 1.0))
    assert share_done(LEVELS, [first, waiting]) == pytest.approx(1 / 9)
    assert seconds_left(LEVELS, [first, waiting], 4.0) is None
    assert seconds_left(LEVELS, [second, waiting], 4.0) == pytest.approx(14)
    longer = SearchConfig.comparison(RUN, Space.parse(["epochs=2|4"]))
    assert share_done(longer, [Trial(0, {"epochs": "2"}, "running", losses=(1.0,))]) == 0.25
