"""A network that was left untested is measured later, by a worker."""

import pytest

from core.errors import ModelUnusable
from core.jobs.judging import JudgingJob
from core.models.store import ModelStore
from core.networks.formats import LITERT_FILE
from core.training.card import TrainedModel
from core.training.testing import UNTESTED, judged
from tests.support.jobs import HandPlayedJob


@pytest.mark.parametrize("name", ["seven-segment", "handwritten-cnn"])
def test_it_gets_the_figures_that_it_would_have_had_at_the_end_of_its_run(name):
    model = ModelStore().get(name)
    files = {LITERT_FILE: model.read(LITERT_FILE)}
    source = model.task.available_source().name
    changes = {"source": source, "noise_level": model.card.noise_level}
    card = model.card.with_entries(**UNTESTED, **changes)
    job = HandPlayedJob(JudgingJob(TrainedModel(files, card)))
    job.work()
    found = job.job.result.card
    assert [figure.data for figure in found.figures]
    assert (found.calibration is None) == (model.card.calibration is None)
    if source == model.card.source:
        assert found.figures == model.card.figures
    again = judged(TrainedModel(files, found))
    assert again.card is found  # it is opened once


def test_it_is_done_although_nobody_looks_any_more():
    assert JudgingJob.kept


def test_without_a_network_there_is_nothing_to_measure():
    card = ModelStore().get("seven-segment").card.with_entries(**UNTESTED)
    with pytest.raises(ModelUnusable, match="no longer exists"):
        judged(TrainedModel({}, card))
