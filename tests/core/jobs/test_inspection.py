import numpy as np
import pytest

from core.jobs.inspection import MAPS, ActivationsJob, Map, MapsJob, maps_of
from core.models.loader import load_classifier
from core.models.store import ModelStore
from core.workers.process_lock import PROCESS_LOCK
from tests.support.jobs import HandPlayedJob, RecordingContext, sent

# One of each kind: others differ from them in size alone.
KINDS = {
    (m.task.name, bool(m.architecture.filters), bool(m.architecture.recurrent)): m.name
    for m in reversed(ModelStore().models())
    if not m.is_ensemble
}


@pytest.fixture(scope="module")
def maps():
    pytest.importorskip("keras")
    from core.explain import maps

    return maps


def inputs_of(model, count=1):
    load = next(iter(model.task.sources[-1].tests().values()))
    return load().x[3 : 3 + count]


def test_a_map_survives_the_way_to_the_server():
    found = Map("occlusion", np.array([[1, -2]], np.float32), np.array([[3, 4]]), 1.5, -0.5)
    again = sent(found)
    assert np.array_equal(again.values, found.values)
    assert np.array_equal(again.answers, found.answers)
    assert (again.name, again.score, again.baseline) == ("occlusion", 1.5, -0.5)
    assert sent(Map("grad_cam", None)).values is None


def test_maps_are_shown_as_they_are_made_and_then_all():
    spec = MapsJob.of(ModelStore(), "seven-segment", np.zeros(7, np.float32), 3)
    played = HandPlayedJob(spec)
    assert maps_of(played.job) == {}
    saliency, covered = Map("saliency", None), Map("occlusion", None)
    played.emit(saliency)
    assert maps_of(played.job) == {"saliency": saliency}
    played.finish([saliency, covered])
    assert maps_of(played.job) == {"saliency": saliency, "occlusion": covered}


def test_both_are_urgent_and_know_a_model_from_another_that_had_its_name():
    model, x = ModelStore().get("seven-segment"), np.zeros(7, np.float32)
    for spec in (
        ActivationsJob.of(ModelStore(), model.name, x),
        MapsJob.of(ModelStore(), model.name, x, 3),
    ):
        assert spec.urgent
        assert (spec.name, spec.version) == (model.name, model.version)


@pytest.mark.keras
@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS.values())
def test_every_kind_of_network_can_be_looked_into(maps, name):
    model = ModelStore().get(name)
    (x,) = inputs_of(model)
    layers = HandPlayedJob(ActivationsJob.of(ModelStore(), name, x))
    layers.work()
    outputs = layers.job.result
    target = int(outputs[-1].values.argmax())
    assert target == load_classifier(model).predict_one(x).digit
    played = HandPlayedJob(MapsJob.of(ModelStore(), name, x, target))
    context = played.work()
    assert {each.name for each in context.emitted} == set(MAPS)
    found = maps_of(played.job)
    assert set(found) == set(MAPS)
    assert found["saliency"].values.shape == x.shape
    shared = found["integrated_gradients"]
    gap = shared.values.sum() - (shared.score - shared.baseline)
    assert abs(gap) < 0.05 * abs(shared.score - shared.baseline) + 0.02
    assert (found["grad_cam"].values is None) == (not model.architecture.filters)
    assert found["occlusion"].answers.shape == found["occlusion"].values.shape


@pytest.mark.keras
@pytest.mark.slow
def test_a_network_is_made_ready_once_and_not_for_each_input(maps, monkeypatch):
    model = ModelStore().get("handwritten-cnn")
    first, second = inputs_of(model, 2)
    before = ActivationsJob.of(ModelStore(), model.name, first).run(RecordingContext())

    def build(*arguments):
        raise AssertionError("a network was built")

    monkeypatch.setattr("keras.Model", build)
    after = ActivationsJob.of(ModelStore(), model.name, second).run(RecordingContext())
    assert len(after) == len(before)
    found = MapsJob.of(ModelStore(), model.name, second, 0).run(RecordingContext())
    assert len(found) == len(MAPS)


@pytest.mark.keras
@pytest.mark.slow
def test_no_network_is_made_ready_while_another_is_trained_in_the_process(maps, monkeypatch):
    alone, make_ready = [], maps.Probe.of

    def of(model):
        alone.append(PROCESS_LOCK.locked())
        return make_ready(model)

    monkeypatch.setattr(maps.Probe, "of", of)
    spec = ActivationsJob(str(ModelStore().root), "seven-segment", "new", np.zeros(7, np.float32))
    spec.run(RecordingContext())
    assert alone == [True]
    assert not PROCESS_LOCK.locked()
