import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput, ModelUnusable
from core.handwriting.config import BaseNetwork
from core.inference.calibration import CALIBRATION, Calibration, tempered
from core.inference.ensemble import (
    Ensemble,
    best_weights,
    check_vote,
    check_weights,
    majority,
    mean_probability,
    shifted,
    vote_of,
    weighted_mean,
)
from core.metrics.accuracy import Accuracy, accuracy_of
from core.metrics.paired import PairedAnswers
from core.models.ensemble_builder import VotingGain, ensemble_card
from core.models.loader import load_classifier
from core.models.saved_model import CARD_FILE
from core.models.store import ModelStore
from core.networks.formats import LITERT_FILE
from core.schema import dump
from tests.support.models import card_of_ensemble, save_copy

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


def test_a_weighted_mean_is_what_it_is_by_hand():
    answers = np.array([[[0.8, 0.2], [1, 0]], [[0.2, 0.8], [0.5, 0.5]], [[0.4, 0.6], [0, 1]]])
    expected = [[0.5 * 0.8 + 0.3 * 0.2 + 0.2 * 0.4, 0.46], [0.65, 0.35]]
    assert weighted_mean(np.float32(answers), (0.5, 0.3, 0.2)) == pytest.approx(np.array(expected))
    members = [Fake(0.8, 0.2), Fake(0.2, 0.8)]
    both = Ensemble(members, vote="weighted", weights=(3, 1)).predict(BLANK)
    assert both == pytest.approx(np.array([[0.65, 0.35]] * 2))
    assert both.dtype == np.float32


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ((2, 1, 1), (0.5, 0.25, 0.25)),
        ((1, 1, 1), (0.3334, 0.3333, 0.3333)),
        ((0, 0, 1e300), (0, 0, 1)),
        ((1e308, 1e308), (0.5, 0.5)),
        ((1e-300, 3e-300), (0.25, 0.75)),
        ((True, 3), (0.25, 0.75)),
    ],
)
def test_weights_sum_to_one_and_given_again_stay_as_they_are(given, kept):
    assert check_weights(given, len(given)) == kept
    assert check_weights(kept, len(kept)) == kept


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=20).filter(any))
def test_any_weights_come_back_as_they_are(weights):
    kept = check_weights(weights, len(weights))
    assert sum(kept) == pytest.approx(1, abs=1e-9)
    assert min(kept) >= 0
    assert check_weights(kept, len(kept)) == kept
    assert kept == pytest.approx(np.array(weights) / sum(weights), abs=0.002)


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ((), "for each of the 2 members"),
        ((1, 1, 1), "for each of the 2 members"),
        ((0, 0), "not all of them 0"),
        ((1, -1), "from 0"),
        ((1, float("nan")), "from 0"),
        ((float("nan"), 1), "from 0"),
        ((float("inf"), 1), "from 0"),
        (("one", 1), "not a number"),
        ((None, 1), "not a number"),
        ((10**400, 1), "not a number"),
    ],
)
def test_weights_that_cannot_be_are_refused(weights, said):
    with pytest.raises(InvalidInput, match=said):
        check_weights(weights, 2)
    with pytest.raises(InvalidInput, match=said):
        Ensemble([Fake(0, 1), Fake(1, 0)], vote="weighted", weights=weights)


def answers_of(*right):
    """Answers to examples that are all of class 0, by the probabilities that members give it."""
    probabilities = np.array(right, np.float32)
    return np.stack([probabilities, 1 - probabilities], axis=-1)


def test_fitted_weights_go_to_who_is_right():
    chance = np.random.default_rng(0).random(400)
    answers = answers_of(np.full(400, 0.99), chance, 1 - chance)
    perfect, *others = best_weights(answers, np.zeros(400, np.int64))
    assert perfect > 0.95
    assert sum(others) < 0.05
    sure = answers_of(np.ones(50), np.zeros(50))
    assert best_weights(sure, np.zeros(50, np.int64)) == (1, 0)


def test_equal_members_share_and_nobody_right_is_no_error():
    same = answers_of(*[np.linspace(0.2, 0.9, 50)] * 4)
    assert best_weights(same, np.zeros(50, np.int64)) == (0.25,) * 4
    nobody = answers_of(np.zeros(5), np.zeros(5))
    assert best_weights(nobody, np.zeros(5, np.int64)) == (0.5, 0.5)


def test_no_other_weights_fit_better():
    generator = np.random.default_rng(1)
    answers = generator.dirichlet(np.ones(3), (3, 200)).astype(np.float32)
    labels = generator.integers(0, 3, 200)

    def loss(weights):
        mixed = weighted_mean(answers, weights)
        return -np.log(mixed[np.arange(200), labels]).mean()

    found = loss(best_weights(answers, labels))
    tried = [
        (a, b, 1 - a - b) for a in np.arange(0, 1.01, 0.02) for b in np.arange(0, 1.01 - a, 0.02)
    ]
    assert found <= min(loss(weights) for weights in tried) + 1e-5


def test_an_ensemble_is_compared_with_its_best_member():
    alone = {"a": Accuracy("digits", 900, 1000), "b": Accuracy("digits", 950, 1000)}
    pairs = {"a": PairedAnswers(890, 65, 10, 35), "b": PairedAnswers(940, 15, 10, 35)}
    gain = VotingGain.of(Accuracy("digits", 955, 1000), alone, pairs)
    assert gain == VotingGain("b", 5, 1000, pairs["b"])
    assert VotingGain.of(Accuracy("digits", 900, 1000), alone) == VotingGain("b", -50, 1000)


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


def test_test_time_augmentation_gives_the_mean_of_five_shifted_copies(store, both):
    rewrite(both, shifts=True)
    found = store.get("both")
    assert found.summary.endswith("first, second, each with test-time augmentation")
    assert found.version != both.version
    x = np.random.default_rng(0).random((3, 28, 28, 1), dtype=np.float32)
    members = [load_classifier(store.get(name)) for name in found.members]
    expected = np.mean([m.predict(view) for view in shifted(x) for m in members], axis=0)
    assert load_classifier(found).predict(x) == pytest.approx(expected, abs=1e-6)


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
    answers = np.stack([load_classifier(store.get(name)).predict(x) for name in found.members])
    expected = {"mean": mean_probability, "majority": majority}[vote](answers)
    assert load_classifier(found).predict(x) == pytest.approx(expected)
    assert [answer.digit for answer in load_classifier(found).answers(x)] == expected.argmax(
        1
    ).tolist()


def test_an_ensemble_is_calibrated_by_its_own_card(store, both):
    rewrite(both, calibration=dump(CALIBRATION, TEMPERED))
    found = store.get("both")
    bare = load_classifier(found, calibrated=False).predict(BLANK)
    assert load_classifier(found).predict(BLANK) == pytest.approx(tempered(bare, 2.0))
    assert load_classifier(found).predict_one(BLANK[0]).threshold == 0.4


def lose(store, both):
    (store.root / "second").rename(store.root / ".gone")


def damage(store, both):
    (store.root / "second" / LITERT_FILE).write_bytes(b"something else")


def exchange(store, both):
    save_copy(store, "handwritten-cnn", "second", replace=True)


def recalibrate(store, both):
    rewrite(store.get("second"), calibration=dump(CALIBRATION, TEMPERED))


def other_task(store, both):
    save_copy(store, "seven-segment", "second", replace=True)


def other_task_of_its_own(store, both):
    rewrite(both, task="seven-segment")


def itself(store, both):
    rewrite(both, members=[{"name": "both", "version": ""}, both.card.entries["members"][0]])


def one_another(store, both):
    ring = [{"name": "both", "version": ""}, {"name": "ring", "version": ""}]
    store.save("other", {}, both.card)
    for name in ("both", "other"):
        rewrite(store.get(name), members=ring)
    (store.root / "other").rename(store.root / "ring")


def ensemble_of_ensembles(store, both):
    inner = store.save("inner", {}, both.card)
    rewrite(
        both, members=[{"name": "inner", "version": inner.version}, both.card.entries["members"][0]]
    )


def entries(**changes):
    def change(store, both):
        rewrite(both, **changes)

    change.__name__ = str(changes)
    return change


OUTSIDE, INSIDE = ({"name": name, "version": ""} for name in ("../first", "first"))


@pytest.mark.parametrize(
    ("corrupt", "said"),
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
        (entries(members=None), "its entry 'members' should be a list. Received: null"),
        (entries(members=[]), "2 to 20 different members"),
        (entries(members=[{"name": "first", "version": "x"}] * 2), "2 to 20 different members"),
        (entries(members=[{"name": "../first", "version": ""}] * 2), "different members"),
        (entries(members=[OUTSIDE, INSIDE]), "Its member ../first is not here."),
        (entries(members=[{"name": "first"}]), "it has no entry 'members.0.version'."),
        (entries(members=["first", "second"]), "its entry 'members.0' should be an object."),
        (entries(vote="loudest"), "Expected vote to be one of mean, majority, weighted."),
        (entries(vote=[]), "Expected vote to be one of mean"),
        (entries(vote="weighted"), "a weight for each of the 2 members"),
        (entries(vote="weighted", weights=[1]), "a weight for each of the 2 members"),
        (entries(vote="weighted", weights=[0, 0]), "not all of them 0"),
        (entries(vote="weighted", weights=[1, float("nan")]), "Expected weights from 0"),
        (entries(vote="weighted", weights=[1, "much"]), "its entry 'weights.1' is wrong"),
        (entries(vote="weighted", weights={"first": 1}), "its entry 'weights' should be a list."),
        (entries(noise="nonsense"), "no noise called"),
        (entries(task="seven-segment", shifts=True), "are not pictures"),
        (entries(files={LITERT_FILE: ""}), "does not name"),
        (entries(calibration={"temperature": 0}), "temperature or threshold is out of range"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_an_ensemble_that_cannot_vote_is_listed_with_the_reason(store, both, corrupt, said):
    corrupt(store, both)
    reasons = {entry.name: entry.reason for entry in store.survey().unusable}
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
        load_classifier(both)


def test_summary_and_version_tell_of_every_change(store, both):
    assert both.summary == "mean probability of first, second"
    versions = {both.version}
    rewrite(both, vote="majority")
    assert store.get("both").summary == "majority of first, second"
    versions.add(store.get("both").version)
    rewrite(both, calibration=dump(CALIBRATION, TEMPERED))
    versions.add(store.get("both").version)
    changed = save_copy(store, "handwritten-cnn", "second", replace=True)
    rewrite(
        both,
        members=[both.card.entries["members"][0], {"name": "second", "version": changed.version}],
    )
    versions.add(store.get("both").version)
    weighted = card_of_ensemble(first := store.get("first"), changed, vote="weighted")
    for weights in ([0.75, 0.25], [0.25, 0.75]):
        saved = store.save("both", {}, weighted.with_entries(weights=weights), replace=True)
        versions.add(saved.version)
    assert saved.summary == "weighted mean of first (25.0 %), second (75.0 %)"
    x = np.random.default_rng(0).random((5, 28, 28, 1), dtype=np.float32)
    answers = np.stack([load_classifier(member).predict(x) for member in (first, changed)])
    assert load_classifier(saved).predict(x) == pytest.approx(
        vote_of(answers, "weighted", (0.25, 0.75))
    )
    assert len(versions) == 6


def test_an_ensemble_whose_member_went_while_it_was_measured_is_not_saved(store, both):
    card = both.card
    lose(store, both)
    with pytest.raises(ModelUnusable, match="Its member second is not here"):
        store.save("other", {}, card)
    assert "other" not in store.names()


def test_it_is_measured_on_the_noise_of_its_first_member(store):
    first = save_copy(store, "seven-segment", "first")
    second = save_copy(store, "seven-segment", "second", noise_level=0.3)
    told = []
    card = ensemble_card(
        [first, second],
        vote="weighted",
        weights=(3, 1),
        on_progress=lambda *progress: told.append(progress),
    )
    saved = store.save("both", {}, card)
    (words, split), _ = first.held_out().tests.items()
    assert words in str(saved.figures[0])
    assert f"at {first.card.entries['noise_level']:g}" in words
    assert saved.held_out().tests.keys() == first.held_out().tests.keys()
    expected = accuracy_of(load_classifier(saved).predict(split.x), split, data=words)
    assert saved.figures[0] == expected
    alone = [figure.correct for figure in saved.card.alone["first"]]
    assert alone == [figure.correct for figure in first.figures]
    for name, figures in saved.card.alone.items():
        pairs = saved.card.pairs[name]
        for pair, together, figure in zip(pairs, saved.figures, figures, strict=True):
            assert pair.both + pair.only_first == together.correct
            assert pair.both + pair.only_second == figure.correct
            assert (pair.total, pair.exhaustive) == (figure.total, figure.exhaustive)
    assert saved.weights == (0.75, 0.25)
    assert "--vote weighted --weights 0.75,0.25 --name both" in saved.card.command
    names, asked, totals = zip(*told, strict=True)
    assert list(dict.fromkeys(names)) == ["first", "second"]
    assert asked[0] == 0
    assert list(asked) == sorted(asked)
    assert set(totals) == {2 * (4_400 + 11_000 + 10)}


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
        ensemble_card(others, vote="mean", test_time_augmentation=True)
    with pytest.raises(InvalidInput, match="both cannot vote"):
        ensemble_card([first, both], vote="mean")
    with pytest.raises(InvalidInput, match="Expected a vote"):
        ensemble_card([first, second], vote="loudest")
    with pytest.raises(InvalidInput, match="weighted vote only"):
        ensemble_card([first, second], vote="mean", weights=(1, 1))
    with pytest.raises(InvalidInput, match="each of the 2 members"):
        ensemble_card([first, second], vote="weighted", weights=(1,))
