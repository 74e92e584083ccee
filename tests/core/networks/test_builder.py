"""Networks as Keras builds them, and what is left of a run. TensorFlow takes seconds to load."""

import pytest

from core.errors import InvalidInput
from core.networks.architecture import Architecture
from core.tasks.base import get_task
from core.training.config import TrainingConfig

pytestmark = [pytest.mark.keras, pytest.mark.slow]


@pytest.mark.parametrize(
    ("task_name", "architecture", "parameters"),
    [
        # 7*64+64, 64*32+32, 32*10+10, and four numbers a unit for each batch normalisation
        ("seven-segment", "64-32", 512 + 256 + 2080 + 128 + 330),
        ("handwritten", "dense", 784 * 128 + 128 + 128 * 64 + 64 + 64 * 10 + 10),
        # 28 -> 26 -> 13 -> 11 -> 5 pixels a side
        ("handwritten", "cnn", 320 + 32 * 64 * 9 + 64 + 1600 * 128 + 128 + 128 * 10 + 10),
    ],
)
def test_the_ready_made_networks_have_the_weights_they_should(task_name, architecture, parameters):
    from core.networks.builder import build, parameter_count

    task = get_task(task_name)
    model = build(
        task.architecture(architecture), input_shape=task.input_shape, num_classes=10, seed=0
    )
    assert model.output_shape == (None, 10)
    assert parameter_count(model) == parameters


PICTURES = [
    Architecture((16,), 0.3, True),
    Architecture((), 0.3, output="linear"),
    Architecture((16, 8), filters=(4, 8)),
    Architecture((16,), 0.2, True, filters=(4, 8), kernel_size=5, downsampling="stride"),
    Architecture((8,), filters=(4, 8, 4), convolutions=2, padding="same", batch_norm=True),
    Architecture((8,), filters=(4, 8), convolutions=3, padding="same", downsampling="stride"),
    Architecture((8,), filters=(4, 8), convolutions=2),
    Architecture((), 0.5, filters=(4,), norm_position="after", batch_norm=True, output="linear"),
]


SEQUENCES = [
    Architecture((), recurrent=(8,)),
    Architecture((5,), 0.2, recurrent=(8, 4), cell="gru", activation="tanh"),
    Architecture((5,), recurrent=(4, 4, 3), cell="lstm", activation="none", batch_norm=True),
]


@pytest.mark.parametrize("network", [*PICTURES, *SEQUENCES], ids=lambda network: network.summary)
def test_the_summary_without_keras_says_what_keras_builds(network):
    from core.networks.builder import build, parameter_count

    shape = (6, 10) if network.recurrent else (28, 28, 1)
    model = build(network, input_shape=shape, num_classes=10, seed=0)
    layers = network.layers(shape, 10)[1:]
    assert [layer.output_shape for layer in layers] == [la.output.shape[1:] for la in model.layers]
    assert [layer.parameters for layer in layers] == [la.count_params() for la in model.layers]
    assert network.parameter_count(shape, 10) == parameter_count(model)


@pytest.mark.parametrize(
    "network",
    [*SEQUENCES, Architecture((8,), activation="gelu"), Architecture((8,), activation="sigmoid")],
    ids=lambda network: network.summary,
)
def test_litert_answers_as_keras_does_with_its_own_operations(network):
    import numpy as np

    from core.inference.predictor import Predictor
    from core.networks.builder import build
    from core.networks.formats import KERAS_FILE, LITERT_FILE
    from core.networks.keras_files import write_network
    from core.networks.saved_layers import parse_layers

    shape = (6, 10) if network.recurrent else (7,)
    model = build(network, input_shape=shape, num_classes=10, seed=3)
    files = write_network(model, logits=False)
    x = np.random.default_rng(0).random((5, *shape), dtype=np.float32)
    predictor = Predictor(files[LITERT_FILE], input_shape=shape, num_classes=10)
    for rows in (1, 5, 2):
        probabilities = predictor.predict(x[:rows])
        assert np.allclose(probabilities, model(x[:rows]).numpy(), atol=1e-6)
    saved = parse_layers(files[KERAS_FILE], name="x")
    counts = [sum(weights.size for weights in layer.weights) for layer in saved]
    assert counts == [layer.count_params() for layer in model.layers]


@pytest.mark.parametrize(
    ("network", "shape"),
    [
        (Architecture((8,), filters=(4,)), (7,)),
        (Architecture((8,), filters=(4, 4, 4, 4)), (28, 28, 1)),
        (Architecture((8,), filters=(4, 4, 4), kernel_size=7, downsampling="stride"), (28, 28, 1)),
    ],
)
def test_convolutions_need_a_picture_and_enough_of_it(network, shape):
    from core.networks.builder import build

    with pytest.raises(InvalidInput):
        build(network, input_shape=shape, num_classes=10, seed=0)


@pytest.mark.parametrize(
    "network", [Architecture((16, 8), 0.3, True, activation="gelu"), PICTURES[2], *SEQUENCES]
)
def test_the_first_weights_are_those_of_keras_own_seed(network):
    import keras
    import numpy as np

    from core.export.keras_script import keras_code
    from core.networks.builder import build
    from core.training.history import History

    task, source = "seven-segment", "generated"
    if network.filters:
        task, source = "handwritten", "built-in"
    elif network.recurrent:
        task, source = "next-number", "rules"
    config = TrainingConfig(
        task=task,
        source=source,
        architecture=network,
        seed=42,
    )
    code = keras_code(config, History(10))
    begin, end = code.index("# The network."), code.index("model.summary()")
    scope = {"keras": keras, "SEED": 42}
    exec(code[begin:end], scope)
    ours = build(network, input_shape=config.get_task().input_shape, num_classes=10, seed=42)
    for left, right in zip(ours.variables, scope["model"].variables, strict=True):
        assert np.array_equal(left.numpy(), right.numpy())
