import numpy as np
import pytest

from core.errors import ModelUnusable
from core.models.keras_layers import read_layers
from core.models.store import ModelStore
from core.networks.plan import Convolution, Dense, multiplications, parameters, plan_network
from core.networks.plan_forward import run_plan
from core.networks.saved_layers import SavedLayer, parse_layers


def plan_of(name):
    model = ModelStore().get(name)
    return model, plan_network(read_layers(model), model.task.input_shape, name=name)


NETWORKS = [model.name for model in ModelStore().models() if not model.is_ensemble]


@pytest.mark.parametrize("name", NETWORKS)
def test_every_bundled_network_answers_as_in_litert(name):
    from core.models.loader import load_classifier

    model, steps = plan_of(name)
    x = np.random.default_rng(0).random((5, *model.task.input_shape), np.float32)
    answers = load_classifier(model).predict_uncalibrated(x)
    np.testing.assert_allclose(run_plan(steps, x), answers, atol=1e-5)


def test_what_only_training_needs_is_gone():
    _, steps = plan_of("handwritten")
    assert not any(type(step).__name__ in ("Scale", "Activate") for step in steps)
    convolutions = [step for step in steps if isinstance(step, Convolution)]
    assert [step.activation for step in convolutions] == ["relu"] * 6
    assert isinstance(steps[-1], Dense)
    assert steps[-1].activation == "softmax"


def test_multiplications_and_parameters_are_counted():
    _, steps = plan_of("handwritten-dense")
    assert multiplications(steps) == 784 * 128 + 128 * 64 + 64 * 10
    assert parameters(steps) == multiplications(steps) + 128 + 64 + 10
    _, steps = plan_of("handwritten-cnn")
    first = steps[0]
    assert first.output_shape == (26, 26, 32)
    assert first.multiplications == 26 * 26 * 32 * 9


@pytest.mark.keras
@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "input_shape"),
    [
        ({"recurrent": (5, 4), "cell": "gru", "hidden": (3,)}, (6, 2)),
        ({"recurrent": (5, 4), "cell": "lstm", "hidden": ()}, (6, 2)),
        (
            {"filters": (4, 6), "hidden": (5,), "padding": "same", "downsampling": "stride"},
            (9, 8, 2),
        ),
        (
            {
                "filters": (4,),
                "hidden": (5, 4),
                "batch_norm": True,
                "norm_position": "after",
                "activation": "gelu",
                "kernel_size": 5,
                "output": "linear",
            },
            (9, 8, 1),
        ),
    ],
)
def test_every_kind_of_network_answers_as_in_keras(settings, input_shape):
    from core.networks.architecture import Architecture
    from core.networks.builder import build, with_probabilities
    from core.networks.keras_files import write_network

    logits = settings.get("output") == "linear"
    model = build(Architecture(**settings), input_shape=input_shape, num_classes=3, seed=1)
    generator = np.random.default_rng(0)
    model.set_weights([generator.random(w.shape, np.float32) for w in model.get_weights()])
    layers = parse_layers(write_network(model, logits=logits)["model.keras"], name="made")
    x = generator.random((4, *input_shape), np.float32) - 0.5
    answers = (with_probabilities(model) if logits else model)(x).numpy()
    steps = plan_network(layers, input_shape, name="made")
    np.testing.assert_allclose(run_plan(steps, x), answers, atol=1e-5)


@pytest.mark.parametrize(
    "layer",
    [
        SavedLayer("add", "Add", {}),
        SavedLayer("leaky", "ReLU", {"negative_slope": 0.1}),
        SavedLayer("dense", "Dense", {"activation": "elu"}, (np.ones((7, 2), np.float32),)),
        SavedLayer("dense", "Dense", {}, (np.ones((8, 2), np.float32),)),
        SavedLayer("dense", "Dense", {}),
    ],
)
def test_another_kind_of_layer_gets_a_sentence(layer):
    with pytest.raises(ModelUnusable, match=f"{layer.name}.*cannot be written"):
        plan_network([layer], (7,), name="made")
