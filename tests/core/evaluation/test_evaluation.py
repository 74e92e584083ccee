import math

import numpy as np
import pytest

from core.evaluation.evaluation import ClassScores, Evaluation, rates, scores_of


def sure(answers, confidence=0.7, classes=4):
    """Returns probabilities with these answers, the rest spread evenly."""
    confidence = np.broadcast_to(confidence, len(answers))
    rest = (1 - confidence) / (classes - 1)
    probabilities = np.repeat(rest[:, np.newaxis], classes, axis=1)
    probabilities[np.arange(len(answers)), answers] = confidence
    return probabilities.astype(np.float32)


# Class 2 is not there and is answered once; class 3 is neither there nor answered.
Y = np.array([0, 0, 0, 1, 1, 1])
ANSWERS = [0, 0, 1, 1, 1, 2]
CONFIDENCE = np.array([0.9, 0.5, 0.6, 0.7, 0.8, 0.95])


@pytest.fixture
def evaluation():
    return Evaluation("six examples", sure(ANSWERS, CONFIDENCE), Y)


def test_scores_are_those_counted_by_hand():
    scores = scores_of(sure(ANSWERS), Y)
    third = pytest.approx(2 / 3)
    assert scores.classes == (
        ClassScores(1.0, third, pytest.approx(0.8), 3, 2),
        ClassScores(third, third, third, 3, 3),
        ClassScores(0.0, None, 0.0, 0, 1),
        ClassScores(None, None, None, 0, 0),
    )
    assert scores.mean_f1 == pytest.approx((0.8 + 2 / 3 + 0) / 3)


def test_loss_is_the_mean_surprise_at_the_labels():
    probabilities = np.array([[0.5, 0.25, 0.25], [0.125, 0.875, 0]], np.float32)
    scores = scores_of(probabilities, np.array([0, 0]))
    assert scores.loss == pytest.approx((math.log(2) + math.log(8)) / 2, rel=1e-5)


def test_a_certain_mistake_does_not_make_the_loss_infinite():
    scores = scores_of(np.array([[1, 0], [1, 0]], np.float32), np.array([0, 1]))
    assert scores.loss == pytest.approx(-math.log(1e-7) / 2, rel=1e-3)


def test_accuracy_names_its_data(evaluation):
    assert str(evaluation.accuracy).startswith("66.67 % of 6 (six examples)")


def test_confusion_has_a_row_for_each_class_and_a_column_for_each_answer(evaluation):
    assert evaluation.confusion.tolist() == [
        [2, 1, 0, 0],
        [0, 2, 1, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
    ]


def test_rates_are_shares_of_rows_and_empty_rows_stay_empty(evaluation):
    shares = rates(evaluation.confusion)
    assert shares[0].tolist() == pytest.approx([2 / 3, 1 / 3, 0, 0])
    assert shares[2].tolist() == [0, 0, 0, 0]


def test_a_cell_holds_its_examples_the_surest_first(evaluation):
    assert evaluation.cell(0, 0).tolist() == [0, 1]
    assert evaluation.cell(1, 1).tolist() == [4, 3]
    assert evaluation.cell(0, 1).tolist() == [2]
    assert evaluation.cell(3, 3).tolist() == []


def test_all_cells_together_are_all_examples(evaluation):
    for row in range(4):
        for column in range(4):
            assert len(evaluation.cell(row, column)) == evaluation.confusion[row, column]


def test_mistakes_come_the_surest_first(evaluation):
    assert evaluation.mistakes().tolist() == [5, 2]


def test_the_least_confident_come_first_right_or_wrong(evaluation):
    assert evaluation.least_confident(3).tolist() == [1, 2, 3]
    assert len(evaluation.least_confident(100)) == 6


def test_equally_sure_examples_keep_their_order():
    evaluation = Evaluation("equal", sure([1, 1, 1]), np.array([0, 0, 0]))
    assert evaluation.mistakes().tolist() == [0, 1, 2]


def test_samples_are_different_and_the_same_for_the_same_number(evaluation):
    found = evaluation.samples(4, random_state=1)
    assert len(set(found.tolist())) == 4
    assert found.tolist() == evaluation.samples(4, random_state=1).tolist()
    assert sorted(evaluation.samples(100, random_state=2).tolist()) == [0, 1, 2, 3, 4, 5]
    drawn = {tuple(evaluation.samples(4, random_state=seed).tolist()) for seed in range(9)}
    assert len(drawn) > 1


def test_answers_without_labels_are_refused():
    with pytest.raises(ValueError, match="as many labels as answers"):
        Evaluation("wrong", sure([0, 1]), np.array([0]))
