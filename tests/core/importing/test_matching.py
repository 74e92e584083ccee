import numpy as np
import pytest

from core.data import Split
from core.errors import InvalidInput
from core.importing.matching import SCALES, Adaptation, check_shapes, find_match
from core.tasks.base import get_task

DIGITS = get_task("handwritten")


@pytest.mark.parametrize(
    ("taken", "reshape"),
    [
        ((28, 28, 1), False),
        ((None, None, 1), False),
        ((28, 28), True),
        ((784,), True),
        ((784, 1), True),
        ((1, 28, 28), True),
    ],
)
def test_shapes_that_hold_the_same_values_fit(taken, reshape):
    assert check_shapes(taken, (10,), DIGITS) is reshape


@pytest.mark.parametrize(
    ("taken", "given", "said"),
    [
        ((224, 224, 3), (10,), "takes examples of 224 × 224 × 3, but handwritten digits are 28"),
        ((28, 28, 3), (10,), "28 × 28 × 3"),
        ((14, 56), (10,), "14 × 56"),
        ((None,), (10,), "takes examples of ?"),
        ((), (10,), "a single number"),
        ((28, 28, 1), (1000,), "gives 1000 answers"),
        ((28, 28, 1), (1,), "gives 1 answers"),
        ((28, 28, 1), (1, 10), "gives 1 × 10 answers"),
        ((7,), (10,), "It would fit: seven-segment"),
    ],
)
def test_other_shapes_are_explained(taken, given, said):
    with pytest.raises(InvalidInput) as told:
        check_shapes(taken, given, DIGITS)
    assert said in str(told.value)


@pytest.fixture
def validation():
    random = np.random.default_rng(0)
    y = random.integers(0, 10, 200)
    x = np.zeros((200, 28, 28, 1), np.float32)
    x[np.arange(200), y, 0, 0] = 1  # the digit is where the ink is
    return Split(x, y)


def reads(scale, outputs=lambda scores: scores):
    """A network that reads the digits above if they come on its scale, and else a 0."""

    def predict(x):
        x = x.reshape(-1, 28, 28)
        ours = (x[:, :10, 0] - scale.offset) / scale.factor
        right = (abs(ours.min(axis=1)) < 0.001) & (abs(ours.max(axis=1) - 1) < 0.001)
        scores = np.where(right[:, None], 5 * ours, np.eye(10)[0]).astype(np.float32)
        return outputs(scores)

    return predict


def softmax(scores):
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("scale", SCALES, ids=lambda scale: scale.words)
def test_the_scale_is_found_and_said(validation, scale):
    match = find_match(reads(scale, softmax), validation, DIGITS, reshape=False)
    assert match.adaptation == Adaptation(factor=scale.factor, offset=scale.offset)
    assert [finding for finding in match.findings if scale.words in finding] == (
        []
        if scale is SCALES[0]
        else [f"It reads values of {scale.words}: ours are converted before."]
    )


def test_a_network_that_is_right_on_any_scale_gets_its_own(validation):
    """As one of ReLUs is: on 255 times its scale it is as often right, and surer of mistakes."""
    y = validation.y.copy()
    y[::5] = (y[::5] + 1) % 10  # it is wrong on a fifth

    def predict(x):
        return softmax(4 * x.reshape(-1, 28, 28)[:, :10, 0])

    match = find_match(predict, Split(validation.x, y), DIGITS, reshape=False)
    assert match.adaptation == Adaptation()


def test_logits_get_a_softmax_and_separate_probabilities_are_explained(validation):
    match = find_match(reads(SCALES[0]), validation, DIGITS, reshape=True)
    assert match.adaptation == Adaptation(reshape=True, softmax=True)
    assert "logits" in " ".join(match.findings)
    with pytest.raises(InvalidInput, match="sigmoid"):
        find_match(
            reads(SCALES[0], lambda scores: 1 / (1 + np.exp(-scores))),
            validation,
            DIGITS,
            reshape=False,
        )


def test_a_network_that_guesses_is_taken_and_one_without_numbers_is_not(validation):
    uniform = np.full((200, 10), 0.1, np.float32)
    match = find_match(lambda x: uniform, validation, DIGITS, reshape=False)
    assert "hardly better than guessing" in match.findings[-1]
    with pytest.raises(InvalidInput, match="no numbers"):
        find_match(lambda x: uniform * np.nan, validation, DIGITS, reshape=False)
