"""What a search has computed in a worker, sent there and back."""

from core.search.jobs import ImportanceJob
from core.search.study import importance
from tests.support.jobs import HandPlayedJob
from tests.support.searches import complete, search


def test_the_importance_of_settings_is_what_it_is_here():
    config = search()
    trials = tuple(complete(number, 1.0 / (number + 1)) for number in range(8))
    job = HandPlayedJob(ImportanceJob(config, trials))
    job.work()
    assert job.job.result == importance(config, trials) == {"learning_rate": 1.0}
