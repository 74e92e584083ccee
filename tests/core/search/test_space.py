"""The space of a search: its text, read and written, and what it makes of a run."""

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.errors import InvalidInput
from core.networks.architecture import MAX_LAYERS, MAX_UNITS, Architecture
from core.schema import dump
from core.search.config import SEARCH, SearchConfig
from core.search.space import MAX_OPTIONS, POINTS, Choice, Range, Space, parse_dimension
from core.search.variables import FLAG, KERNEL, NAMES, NUMBERS, SIZES, UNLIKE, VARIABLE
from core.tasks.base import get_task
from core.training.config import BOUNDS, CHOICES, TrainingConfig

TASK = get_task("seven-segment")
BASE = TrainingConfig.from_recipe(TASK, TASK.recipe("fast"))
PICTURES = TrainingConfig(
    task="handwritten", source="built-in", architecture=Architecture((16,), filters=(4,))
)


def numbers(name):
    bounds = NUMBERS[name]
    if bounds.whole:
        return some.integers(int(bounds.low), int(bounds.high))
    return some.floats(bounds.low, bounds.high)


@some.composite
def ranges(draw):
    name = draw(some.sampled_from(sorted(NUMBERS)))
    low, high = sorted(draw(some.lists(numbers(name), min_size=2, max_size=2, unique=True)))
    points = draw(some.integers(int(POINTS.low), int(POINTS.high)))
    return Range(name, low, high, draw(some.booleans()) and low > 0, points)


@some.composite
def choices(draw):
    name = draw(some.sampled_from([name for name in VARIABLE if name not in (FLAG, KERNEL)]))
    if name in NUMBERS:
        options = numbers(name)
    elif name in NAMES:
        options = some.sampled_from(NAMES[name])
    else:
        sizes = some.lists(some.integers(1, MAX_UNITS), min_size=1, max_size=MAX_LAYERS)
        options = sizes.map(tuple)
    limit = min(MAX_OPTIONS, len(NAMES.get(name, range(8))))
    unique = some.lists(options, min_size=2, max_size=limit, unique=True)
    try:
        return Choice(name, tuple(draw(unique)))
    except InvalidInput:  # -0.0 and 0.0 are one value
        return Choice(FLAG, (True, False))


@given(some.one_of(ranges(), choices()))
def test_what_is_written_is_read_again(dimension):
    assert parse_dimension(dimension.text) == dimension


@given(ranges())
def test_a_grid_has_both_ends_of_a_range_and_nothing_outside(dimension):
    values = dimension.values
    assert (values[0], values[-1]) == (dimension.low, dimension.high)
    assert list(values) == sorted(set(values))
    assert 2 <= len(values) <= dimension.points
    for value in values:
        NUMBERS[dimension.name].check(dimension.name, value)


def test_a_grid_steps_by_factors_where_the_range_is_logarithmic():
    assert parse_dimension("learning_rate=1e-4..1e-1:log:4").values == (1e-4, 1e-3, 1e-2, 1e-1)
    assert parse_dimension("dropout=0..0.4").values == (0, 0.1, 0.2, 0.3, 0.4)
    assert parse_dimension("batch_size=8..12:50").values == (8, 9, 10, 11, 12)


def test_a_space_changes_network_and_run():
    space = Space.parse(
        [
            "learning_rate=1e-4..1e-1:log",
            "hidden=16|32,16|64,32",
            "batch_norm=yes|no",
            "batch-size=16..128",
            "optimizer=adam|sgd",
        ]
    )
    made = space.apply(
        BASE,
        {
            "learning_rate": 0.01,
            "hidden": "32,16",
            "batch_norm": "yes",
            "batch_size": 64.0,
            "optimizer": "sgd",
        },
    )
    assert made.architecture == Architecture((32, 16), batch_norm=True, output="linear")
    assert (made.learning_rate, made.optimizer, made.epochs) == (0.01, "sgd", BASE.epochs)
    assert isinstance(made.batch_size, int)
    assert made.batch_size == 64
    assert space.grid_size == 5 * 3 * 2 * 5 * 2
    assert space.count == math.inf


def test_activation_and_recurrent_layers_may_vary():
    space = Space.parse(["activation=relu|tanh|none", "recurrent=none|8|16,8", "cell=gru|lstm"])
    parameters = {"activation": "tanh", "recurrent": "16,8", "cell": "lstm"}
    found = space.apply(BASE, {**parameters, "recurrent": "none"}).architecture
    assert (found.activation, found.recurrent, found.cell) == ("tanh", (), "lstm")
    with pytest.raises(InvalidInput, match="need sequences"):
        space.apply(BASE, parameters)


def test_a_finite_space_lists_its_points():
    space = Space.parse(["epochs=1..3", "optimizer=adam|sgd"])
    assert space.count == len(space.points()) == 6
    assert {"epochs": 2, "optimizer": "sgd"} in space.points()


def test_layers_may_be_none():
    space = Space.parse(["hidden=none|16"])
    for base in (PICTURES, BASE):
        space.check(base)
        assert space.apply(base, {"hidden": "none"}).architecture.hidden == ()


def test_every_setting_of_a_run_may_vary_or_says_why_not():
    """A new setting takes part by itself; one that changes the validation data is only compared."""
    settings = {*BOUNDS, *CHOICES, *Architecture.__dataclass_fields__}
    assert settings <= set(VARIABLE) == {*NUMBERS, *NAMES, *SIZES, KERNEL, FLAG}
    assert set(UNLIKE) == {"noise_level", "seed"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Expected a setting with its values, such as learning_rate"),
        ("learning_rate", "Expected a setting with its values"),
        ("learning_rate=", "Expected a setting with its values"),
        ("speed=1..2", "There is no setting 'speed' that can vary. There are: epochs"),
        ("learning_rate=1e-4..5", r"Expected learning_rate in 1e-05..1. Received: learning_rate=5"),
        ("learning_rate=1e-1..1e-4", "from a smaller to a larger number. Received: 0.1..0.0001"),
        ("learning_rate=a..1", "Expected numbers for learning_rate.*Received: 'a'"),
        ("learning_rate=nan..1", "Expected numbers for learning_rate"),
        ("learning_rate=1e-4..1:lin", "Expected “:log” or a number of points.*Received: 'lin'"),
        ("learning_rate=1e-4..1:1", "points of a grid in 2..50"),
        ("dropout=0..0.5:log", "logarithmic range cannot begin at 0"),
        ("batch_size=8.5..32", "batch_size to be a whole number"),
        ("hidden=8..64", r"hidden has no range. List its values: hidden=16\|32,16"),
        ("hidden=16|a", "Expected the sizes of layers.*Received: 'a'"),
        ("hidden=16|0", "1 to 6 hidden layers, each of 1 to 1024"),
        ("hidden=16", r"Expected 2 to 50 values of hidden, with \| between them. Received: 16"),
        ("hidden=16|16", "hidden has the value 16 twice"),
        ("epochs=1|1.0", "epochs has the value 1 twice"),
        ("batch_norm=yes|maybe", "batch_norm to be yes or no. Received: 'maybe'"),
        ("kernel_size=3|4", "Expected kernel_size to be one of 3, 5, 7. Received: 4"),
        ("optimizer=adam|lion", "Expected optimizer to be one of adam, adamw, sgd"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(text, said):
    with pytest.raises(InvalidInput, match=said):
        parse_dimension(text)


@given(some.text(max_size=40), some.sampled_from(VARIABLE))
def test_any_text_is_a_dimension_or_a_sentence(text, name):
    for whole in (text, f"{name}={text}"):
        with contextlib.suppress(InvalidInput):
            dimension = parse_dimension(whole)
            assert parse_dimension(dimension.text) == dimension


def test_a_space_names_each_setting_once():
    with pytest.raises(InvalidInput, match="at least one setting"):
        Space.parse([])
    with pytest.raises(InvalidInput, match="hidden is given twice"):
        Space.parse(["hidden=8|16", "hidden=32|64"])


def test_a_search_is_written_with_the_texts_of_its_space():
    config = SearchConfig(base=BASE, space=Space.parse(["hidden=16|32,16", "dropout=0..0.5"]))
    written = dump(SEARCH, config)
    assert written["space"] == ["hidden=16|32,16", "dropout=0..0.5"]
    assert SearchConfig.parse(written) == config
    with pytest.raises(InvalidInput, match="no setting 'speed'"):
        SearchConfig.parse(written | {"space": ["speed=1..2"]})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"space": Space.parse(["rotation=0..10"])}, "are not pictures"),
        ({"space": Space.parse(["filters=8|16"])}, "Convolutions need pictures"),
        (
            {"space": Space.parse(["seed=1|2"])},
            "seed cannot vary .* The seed decides",
        ),
        ({"space": Space.parse(["noise-level=0..1"])}, "is on the validation data as well"),
        ({"purpose": "compare"}, "every point of its grid to the end. Received: sampler='tpe'"),
        ({"purpose": "win"}, "purpose to be one of choose, compare"),
        ({"sampler": "guess"}, "sampler to be one of tpe, random, grid"),
        ({"pruner": "axe"}, "pruner to be one of median, halving, none"),
        ({"trials": 0}, "trials in 1..500"),
        ({"parallel": 17}, "parallel in 1..16"),
        (
            {"sampler": "grid", "space": Space.parse(["dropout=0..0.5:50", "l2=0..0.1:50"])},
            "This grid has 2,500 points; 2,000 are allowed",
        ),
    ],
)
def test_a_search_that_is_not_possible_says_why(changes, said):
    with pytest.raises(InvalidInput, match=said):
        SearchConfig(**{"base": BASE, "space": Space.parse(["hidden=8|16"]), **changes})


def test_a_comparison_has_a_run_for_each_point_in_order_whatever_varies():
    config = SearchConfig.comparison(BASE, Space.parse(["noise_level=0.05|0.1", "seed=1|2"]))
    found = [(run.noise_level, run.seed) for run in config.runs]
    assert found == [(0.05, 1), (0.05, 2), (0.1, 1), (0.1, 2)]
    assert (config.most_trials, config.parallel) == (4, 4)
    assert SearchConfig.parse(dump(SEARCH, config)) == config
    with pytest.raises(InvalidInput, match="100 runs are too many to compare; 50 are allowed"):
        SearchConfig.comparison(BASE, Space.parse(["dropout=0..0.5:50", "seed=1|2"]))
