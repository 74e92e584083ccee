import numpy as np
import pytest
from pydantic import ValidationError

from core.evaluation.evaluation import Evaluation
from core.evaluation.mcnemar import disagreements
from core.metrics.paired import PAIRS, PairedAnswers, holm
from core.schema import dump


def evaluation(right, confidence=0.8, **options):
    """Returns an evaluation on examples of class 0 of which these are classified correctly."""
    confidence = np.broadcast_to(np.array(confidence, np.float32), len(right))
    answers = np.stack([confidence, 1 - confidence], axis=1)
    answers = np.where(np.array(right)[:, np.newaxis], answers, answers[:, ::-1])
    return Evaluation("data", answers, np.zeros(len(right), np.int64), **options)


@pytest.mark.parametrize(
    ("first", "second", "p_value"),
    [
        (1, 5, 2 * (1 + 6) / 2**6),  # 0 or 1 heads of six tosses, or the same of tails
        (9, 1, 2 * (1 + 10) / 2**10),
        (0, 3, 2 / 2**3),
        (3, 3, 1),
        (0, 0, 1),
    ],
)
def test_the_p_value_is_that_of_tossed_coins(first, second, p_value):
    assert PairedAnswers(50, first, second, 7).p_value == pytest.approx(p_value)


def test_only_the_disputed_examples_count():
    assert PairedAnswers(0, 4, 9, 0).p_value == PairedAnswers(10_000, 4, 9, 500).p_value


def test_pairs_are_counted():
    first = evaluation([True, True, False, False, True, False, True])
    second = evaluation([True, False, True, False, False, False, True])
    pair = PairedAnswers.of(first, second)
    assert (pair.both, pair.only_first, pair.only_second, pair.neither) == (2, 2, 1, 2)
    assert (pair.total, pair.disputed) == (7, 3)


def test_other_examples_cannot_be_compared():
    other = Evaluation("other", np.array([[0.9, 0.1]], np.float32), np.array([1]))
    with pytest.raises(ValueError, match="the same examples"):
        PairedAnswers.of(evaluation([True]), other)


@pytest.mark.parametrize(
    ("pair", "ahead", "decided"),
    [
        (PairedAnswers(900, 9, 1, 90), "first", True),
        (PairedAnswers(9, 1, 9, 0), "second", True),
        (PairedAnswers(90, 1, 5, 4), "second", False),
        (PairedAnswers(90, 3, 3, 4), None, False),
        (PairedAnswers(90, 0, 0, 10), None, False),
        # Where all examples that exist were read, luck has no part.
        (PairedAnswers(8, 1, 0, 1, exhaustive=True), "first", True),
        (PairedAnswers(8, 1, 1, 0, exhaustive=True), None, False),
    ],
)
def test_who_is_ahead_and_whether_that_is_luck(pair, ahead, decided):
    assert (pair.ahead, pair.is_decided) == (ahead, decided)


def test_that_all_examples_were_read_is_kept():
    first, second = evaluation([True, True], exhaustive=True), evaluation([True, False])
    pair = PairedAnswers.of(first, second)
    assert pair.exhaustive
    assert pair.is_decided


def test_disagreements_come_with_the_surest_mistake_first():
    first = evaluation([True, True, False, False, False], [0.6, 0.6, 0.7, 0.7, 0.9])
    second = evaluation([False, False, True, False, False], [0.7, 0.9, 0.6, 0.99, 0.6])
    only_first, only_second, neither = disagreements(first, second)
    assert only_first.tolist() == [1, 0]
    assert only_second.tolist() == [2]
    assert neither.tolist() == [4, 3]


def test_the_p_value_is_that_of_the_binomial_test():
    from scipy.stats import binomtest

    for first, second in ((0, 1), (3, 14), (250, 200), (4000, 4200), (10, 9)):
        wanted = binomtest(first, first + second, 0.5).pvalue
        assert PairedAnswers(1, first, second, 1).p_value == pytest.approx(wanted)


def test_answers_are_paired_by_place_and_can_be_swapped():
    first, second = np.array([True, True, False, True]), np.array([True, False, False, False])
    pair = PairedAnswers.of_right(first, second)
    assert pair == PairedAnswers(1, 2, 0, 1)
    assert pair.swapped == PairedAnswers.of_right(second, first)
    with pytest.raises(ValueError, match="the same examples"):
        PairedAnswers.of_right(first, second[:3])


def test_many_comparisons_make_each_less_clear_as_holm_wrote():
    # By hand: 4 times the smallest, 3 times the next, 2 times 0.03, and never less than before.
    found = holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005})
    assert found == pytest.approx({"d": 0.02, "a": 0.03, "c": 0.06, "b": 0.06})
    assert holm({"a": 0.6, "b": 0.9}) == {"a": 1.0, "b": 1.0}
    assert holm({"a": 0.04}) == {"a": 0.04}
    assert holm({}) == {}
    pair = PairedAnswers(900, 9, 1, 90)
    assert pair.is_decided
    assert not pair.is_decided_at(3 * pair.p_value)


def test_pairs_travel_on_cards():
    pairs = [PairedAnswers(8, 1, 0, 1, exhaustive=True), PairedAnswers(1, 2, 3, 4)]
    assert list(PAIRS.validate_python(dump(PAIRS, pairs))) == pairs
    with pytest.raises(ValidationError):
        PairedAnswers(-1, 0, 0, 0)
