import numpy as np
import pytest

from core.models.keras_layers import read_layers
from core.models.store import ModelStore
from core.networks.plan import plan_network
from core.networks.plan_forward import run_plan
from core.networks.quantisation import quantise, quantise_network
from core.segments.patterns import ALL_PATTERNS

SEGMENTS = [m.name for m in ModelStore().models() if m.task.name == "seven-segment"]


def test_no_weight_moves_by_more_than_half_a_step_of_its_column():
    kernel = np.random.default_rng(0).normal(0, [1, 10, 1e-6], (3, 4, 3)).astype(np.float32)
    found = quantise(kernel)
    assert found.codes.dtype == np.int8
    assert np.abs(found.codes).reshape(-1, 3).max(axis=0).tolist() == [127] * 3
    assert (np.abs(found.kernel - kernel) <= found.scale * 0.5001).all()


def test_a_column_of_zeros_stays_zero():
    found = quantise(np.array([[0, 1e-45], [0, 0]], np.float32))
    assert not found.kernel.any()
    assert np.isfinite(found.scale).all()


@pytest.mark.parametrize("name", SEGMENTS)
def test_eight_bits_keep_the_answer_to_every_pattern(name):
    model = ModelStore().get(name)
    steps = plan_network(read_layers(model), (7,), name=name)
    answers = run_plan(steps, ALL_PATTERNS)
    rounded = run_plan(quantise_network(steps, ALL_PATTERNS).steps, ALL_PATTERNS)
    np.testing.assert_array_equal(rounded.argmax(axis=1), answers.argmax(axis=1))
    assert np.abs(rounded - answers).max() < 0.03


def test_rounding_alone_would_change_some():
    model = ModelStore().get("seven-segment")
    steps = plan_network(read_layers(model), (7,), name=model.name)
    one, other = (run_plan(each, ALL_PATTERNS) for each in (steps, quantise_network(steps).steps))
    assert (one.argmax(axis=1) != other.argmax(axis=1)).sum() == 2
