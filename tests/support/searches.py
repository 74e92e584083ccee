"""Searches for tests: small ones, and trials that have ended as they are told to."""

from core.networks.architecture import Architecture
from core.search.config import SearchConfig
from core.search.space import Space
from core.search.trial import Trial
from core.training.config import TrainingConfig
from core.training.events import EpochDone
from tests.support.patience import wait_until
from ui.services import server

RUN = TrainingConfig(
    task="seven-segment", source="generated", architecture=Architecture((8,)), epochs=3
)


def search(*vary, **settings):
    """Returns a search in the learning rate of `RUN`, or in what is said to vary."""
    space = Space.parse(vary or ["learning_rate=1e-4..1e-1:log"])
    return SearchConfig(**{"base": RUN, "space": space, **settings})


def complete(number, loss, *, accuracy=None, weights=100, seconds=1.0, **parameters):
    """Returns a trial whose losses have come down to this one in three epochs."""
    accuracy = 1 - loss / 10 if accuracy is None else accuracy
    return Trial(
        number,
        parameters or {"learning_rate": 0.001 * (number + 1)},
        "complete",
        losses=(loss + 2, loss + 1, loss),
        accuracies=(accuracy / 3, accuracy / 2, accuracy),
        kept_epoch=3,
        weights=weights,
        seconds=seconds,
    )


def epochs(*losses):
    """Returns epochs with these validation losses."""
    return [
        EpochDone(number, loss, 0.5, loss, 1 - loss / 10, float(number))
        for number, loss in enumerate(losses, 1)
    ]


def runs_of_search(search_id):
    """Returns the ids of a search's runs on the page's server, in order, once all are queued."""

    def queued():
        info = server.searches().get(search_id)
        begun = [trial for trial in info.trials if trial.state != "waiting"]
        return len(begun) == info.config.most_trials

    wait_until(queued)
    return [trial.run_id for trial in server.searches().get(search_id).trials]
