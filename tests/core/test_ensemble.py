import json
from dataclasses import replace

import numpy as np
import pytest

from core.assembling import ensemble_card
from core.calibration import Calibration, tempered
from core.ensemble import Ensemble, check_vote, majority, mean_probability, shifted
from core.errors import InvalidInput, ModelUnusable
from core.store import CARD_FILE, LITERT_FILE, ModelStore
from core.transfer import BaseNetwork
from tests.core.made_models import card_of_ensemble, save_copy

BLANK = np.zeros((2, 28, 28, 1), np.float32)
TEMPERED = Calibration(2.0, 0.4)


class Fake:
    """A network that gives the same answer to everything."""

    def __init__(self, *probabilities):
        self.probabilities = np.array(probabilities, np.float32)

    def predict(self, x):
        return np.tile(self.probabilities, (len(x), 1))


@pytest.fixture
def store(tmp_path):
    return ModelStore(tmp_path / "models")


@pytest.fixture
def both(store):
    """An ensemble called "both" of the networks "first" and "second"."""
    first = save_copy(store, "handwritten-cnn", "first")
    second = save_copy(store, "handwritten-dense", "second")
    return store.save("both", {}, card_of_ensemble(first, second))


def rewrite(model, **changes):
    path = model.folder / CARD_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_probabilities_are_averaged():
    answers = np.array([[[0.8, 0.2]], [[0.2, 0.8]], [[0.5, 0.5]], [[0.9, 0.1]]], np.float32)
    assert mean_probability(answers) == pytest.approx(np.array([[0.6, 0.4]]))


def test_the_majority_beats_one_that_is_very_sure():
    answers = np.array([[[0.51, 0.49]], [[0.51, 0.49]], [[0, 1]]], np.float32)
    assert mean_probability(answers).argmax() == 1
    votes = majority(answers)
    assert votes.argmax() == 0
    assert votes.sum() == pytest.approx(1)


def test_the_mean_probability_decides_between_equal_votes():
    answers = np.array([[[0.6, 0.4, 0]], [[0, 0.3, 0.7]]], np.float32)
    assert majority(answers).argmax(axis=1).tolist() == [2]
    assert majority(answers[::-1]).argmax(axis=1).tolist() == [2]


def test_pictures_are_moved_to_every_side_and_nothing_comes_back_on_the_other():
    x = np.arange(1, 10, dtype=np.float32).reshape(1, 3, 3, 1)
    still, *moved = (view[0, :, :, 0].tolist() for view in shifted(x))
    assert still == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert moved == [
        [[4, 5, 6], [7, 8, 9], [0, 0, 0]],
        [[0, 0, 0], [1, 2, 3], [4, 5, 6]],
        [[2, 3, 0], [5, 6, 0], [8, 9, 0]],
        [[0, 1, 2], [0, 4, 5], [0, 7, 8]],
    ]
    assert x.sum() == 45  # the picture itself is left as it was


def test_members_that_look_five_times_give_the_mean_of_what_they_see(store, both):
    rewrite(both, shifts=True)
    found = store.get("both")
    assert found.summary.endswith("first, second, each looking five times")
    assert found.version != both.version
    x = np.random.default_rng(0).random((3, 28, 28, 1), dtype=np.float32)
    members = [store.get(name).predictor() for name in found.members]
    expected = np.mean([m.predict(view) for view in shifted(x) for m in members], axis=0)
    assert found.predictor().predict(x) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("vote", ["", "loudest", "Mean"])
def test_an_unknown_vote_is_refused(vote):
    with pytest.raises(InvalidInput, match="mean, majority, weighted"):
        check_vote(vote)
    with pytest.raises(InvalidInput):
        Ensemble([Fake(0, 1), Fake(1, 0)], vote=vote)


def test_the_calibration_corrects_the_vote_and_tells_what_is_not_recognised():
    members = [Fake(0.9, 0.1), Fake(0.5, 0.5)]
    bare = Ensemble(members, vote="mean").predict_one(BLANK[0])
    assert (bare.digit, bare.recognised) == (0, True)
    calibration = replace(TEMPERED, threshold=0.65)
    first, second = Ensemble(members, vote="mean", calibration=calibration).answers(BLANK)
    expected = tempered(bare.probabilities[np.newaxis], 2.0)[0]
    assert first.probabilities == pytest.approx(expected)
    assert not first.recognised
    assert second.digit == first.digit


@pytest.mark.parametrize("vote", ["mean", "majority"])
def test_a_saved_ensemble_answers_as_its_members_do_together(store, both, vote):
    rewrite(both, vote=vote)
    found = store.get("both")
    assert found.is_ensemble
    assert found.members == ("first", "second")
    assert [model.name for model in store.models("handwritten")] == ["both", "first", "second"]
    x = np.random.default_rng(0).random((5, 28, 28, 1), dtype=np.float32)
    answers = np.stack([store.get(name).predictor().predict(x) for name in found.members])
    expected = {"mean": mean_probability, "majority": majority}[vote](answers)
    assert found.predictor().predict(x) == pytest.approx(expected)
    assert [answer.digit for answer in found.predictor().answers(x)] == expected.argmax(1).tolist()


def test_an_ensemble_is_calibrated_by_its_own_card(store, both):
    rewrite(both, calibration=TEMPERED.to_json())
    found = store.get("both")
    bare = found.predictor(calibrated=False).predict(BLANK)
    assert found.predictor().predict(BLANK) == pytest.approx(tempered(bare, 2.0))
    assert found.predictor().predict_one(BLANK[0]).threshold == 0.4


def lose(store, both):
    (store.root / "second").rename(store.root / ".gone")


def damage(store, both):
    (store.root / "second" / LITERT_FILE).write_bytes(b"something else")


def exchange(store, both):
    save_copy(store, "handwritten-cnn", "second", replace=True)


def recalibrate(store, both):
    rewrite(store.get("second"), calibration=TEMPERED.to_json())


def other_task(store, both):
    save_copy(store, "seven-segment", "second", replace=True)


def other_task_of_its_own(store, both):
    rewrite(both, task="seven-segment")


def itself(store, both):
    rewrite(both, members=[{"name": "both", "version": ""}, both.card["members"][0]])


def one_another(store, both):
    ring = [{"name": "both", "version": ""}, {"name": "ring", "version": ""}]
    store.save("other", {}, {**both.card})
    for name in ("both", "other"):
        rewrite(store.get(name), members=ring)
    (store.root / "other").rename(store.root / "ring")


def ensemble_of_ensembles(store, both):
    inner = store.save("inner", {}, {**both.card})
    rewrite(both, members=[{"name": "inner", "version": inner.version}, both.card["members"][0]])


def entries(**changes):
    def change(store, both):
        rewrite(both, **changes)

    change.__name__ = str(changes)
    return change


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lose, "Its member second is not here."),
        (damage, "Its member second cannot be used."),
        (exchange, "Its member second is not the one that it was."),
        (recalibrate, "Its member second is not the one that it was."),
        (other_task, "Its member second is not the one that it was."),
        (other_task_of_its_own, "Its member first is not the one that it was."),
        (itself, "Its member both cannot be used."),
        (one_another, "Its member both cannot be used."),
        (ensemble_of_ensembles, "Its member inner cannot be used."),
        (entries(members=None), "cannot be understood"),
        (entries(members=[]), "2 to 20 different members"),
        (entries(members=[{"name": "first", "version": "x"}] * 2), "2 to 20 different members"),
        (entries(members=[{"name": "../first"}, {"name": 7}]), "Its member ../first is not here."),
        (entries(members=["first", "second"]), "cannot be understood"),
        (entries(vote="loudest"), "Expected a vote that is one of mean, majority, weighted."),
        (entries(vote=[]), "cannot be understood"),
        (entries(task="seven-segment", shifts=True), "are not pictures"),
        (entries(files={LITERT_FILE: ""}), "does not name"),
        (entries(calibration={"temperature": 0}), "Not the description of a calibration"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_an_ensemble_that_cannot_vote_is_listed_with_the_reason(store, both, spoil, said):
    spoil(store, both)
    reasons = {entry.name: entry.reason for entry in store.unusable()}
    assert said in reasons["both"]
    assert "first" in [model.name for model in store.models()]
    with pytest.raises(ModelUnusable, match="both"):
        store.get("both")


def test_an_ensemble_cannot_take_the_place_of_its_member(store, both):
    with pytest.raises(InvalidInput, match="own member first"):
        store.save("first", {}, both.card, replace=True)
    assert not store.get("first").is_ensemble


def test_a_member_that_goes_after_the_ensemble_was_found_is_said_in_a_sentence(store, both):
    lose(store, both)
    with pytest.raises(ModelUnusable, match="no model called 'second'"):
        both.predictor()


def test_summary_and_version_tell_of_every_change(store, both):
    assert both.summary == "mean probability of first, second"
    versions = {both.version}
    rewrite(both, vote="majority")
    assert store.get("both").summary == "majority of first, second"
    versions.add(store.get("both").version)
    rewrite(both, calibration=TEMPERED.to_json())
    versions.add(store.get("both").version)
    changed = save_copy(store, "handwritten-cnn", "second", replace=True)
    rewrite(both, members=[both.card["members"][0], {"name": "second", "version": changed.version}])
    versions.add(store.get("both").version)
    assert len(versions) == 4


def test_an_ensemble_cannot_be_taught(both):
    with pytest.raises(InvalidInput, match="both is an ensemble"):
        BaseNetwork.of(both)


def test_networks_that_cannot_vote_together_are_refused(store, both):
    first, second = store.get("first"), store.get("second")
    segments = save_copy(store, "seven-segment", "segments")
    for members in ([], [first], [first, first], [first, second, first], [first] * 21):
        with pytest.raises(InvalidInput, match="2 to 20 different"):
            ensemble_card(members, vote="mean")
    with pytest.raises(InvalidInput, match="segments cannot vote"):
        ensemble_card([first, segments], vote="mean")
    others = [segments, save_copy(store, "seven-segment", "more")]
    with pytest.raises(InvalidInput, match="not pictures"):
        ensemble_card(others, vote="mean", shifts=True)
    with pytest.raises(InvalidInput, match="both cannot vote"):
        ensemble_card([first, both], vote="mean")
    with pytest.raises(InvalidInput, match="Expected a vote"):
        ensemble_card([first, second], vote="loudest")
