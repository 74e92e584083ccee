import numpy as np
import pytest

from core.tasks.base import get_task, tasks

pytestmark = [pytest.mark.keras, pytest.mark.slow]


@pytest.fixture(scope="module")
def keras():
    return pytest.importorskip("keras")


@pytest.fixture(scope="module")
def maps(keras):
    from core.explain import maps

    return maps


def linear(keras, weights, activation="softmax", bias=0.0):
    """A network of one dense layer: its scores are the inputs times these weights."""
    weights = np.array(weights, np.float32)
    layer = keras.layers.Dense(weights.shape[1], activation=activation)
    model = keras.Sequential([keras.Input((weights.shape[0],)), layer])
    layer.set_weights([weights, np.full(weights.shape[1], bias, np.float32)])
    return model


def mean_filter(keras):
    """A network that adds up the ink: a convolution of one weight, whose map is summed up."""
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(2, 1, use_bias=False),
            keras.layers.ReLU(),
            keras.layers.Flatten(),
            keras.layers.Dense(2, use_bias=False),
        ]
    )
    model.layers[0].set_weights([np.array([[[[1.0, -1.0]]]], np.float32)])
    weights = np.zeros((8, 8, 2, 2), np.float32)
    weights[:, :, 0, 0], weights[:, :, 1, 1] = 1, 1
    model.layers[3].set_weights([weights.reshape(128, 2)])
    return model


def dot(row=2, column=5):
    x = np.zeros((8, 8, 1), np.float32)
    x[row, column] = 1
    return x


WEIGHTS = [[1, -2], [3, 0], [-1, 5]]
X = np.array([1, 0.5, 2], np.float32)


@pytest.mark.parametrize("ending", ["softmax", "linear"])
def test_the_scores_come_before_the_softmax(keras, maps, ending):
    scores = maps.score_model(linear(keras, WEIGHTS, ending, bias=1))
    assert np.array(scores(X[np.newaxis]))[0] == pytest.approx([1 + 1.5 - 2 + 1, -2 + 10 + 1])


@pytest.mark.parametrize("ending", ["Softmax", "Activation"])
def test_a_softmax_of_its_own_is_left_out_as_well(keras, maps, ending):
    last = keras.layers.Softmax() if ending == "Softmax" else keras.layers.Activation("softmax")
    model = keras.Sequential([linear(keras, WEIGHTS, "linear"), last])
    assert np.array(maps.score_model(model)(X[np.newaxis]))[0] == pytest.approx([0.5, 8])


def residual(keras):
    """A network that branches: a convolution beside a way round it, then a classifier."""
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(3, 3, padding="same", name="before")(inputs)
    beside = keras.layers.Conv2D(3, 3, padding="same", name="beside")(x)
    beside = keras.layers.ReLU(name="rectified")(beside)
    x = keras.layers.Add(name="together")([x, beside])
    x = keras.layers.GlobalAveragePooling2D()(x) * 2.0
    return keras.Model(inputs, keras.layers.Dense(2, activation="softmax", name="answer")(x))


def test_a_network_that_branches_is_looked_into_as_well(keras, maps):
    model = residual(keras)
    probe = maps.Probe.of(model)
    outputs = {output.name: output for output in maps.activations(probe, dot())}
    together = outputs["before"].values + outputs["rectified"].values
    assert outputs["together"].values == pytest.approx(together)
    assert outputs["answer"].values == pytest.approx(np.array(model(dot()[np.newaxis]))[0])

    exponentials = np.exp(np.array(probe.scores(dot()[np.newaxis]))[0])
    assert outputs["answer"].values == pytest.approx(exponentials / exponentials.sum())
    assert maps.saliency(probe.scores, dot(), 1).shape == (8, 8, 1)
    assert maps.grad_cam(probe, dot(), 1).shape == (8, 8)
    covered = maps.occlusion(probe.scores, dot(), 1, patch=4, stride=2)
    assert covered.drops.shape == covered.answers.shape == (3, 3)
    shared = maps.integrated_gradients(probe.scores, dot(), 1)
    assert shared.values.sum() == pytest.approx(shared.score - shared.baseline, abs=0.01)


def test_grad_cam_of_a_network_that_branches_by_hand(keras, maps):
    """The score is the sum of the last convolution's map, which is the picture itself, and of the
    picture again by the way round it: the map's weight is 1."""
    inputs = keras.Input((8, 8, 1))
    last = keras.layers.Conv2D(1, 1, use_bias=False)
    x = keras.layers.Add()([inputs, last(inputs)])
    x = keras.layers.Flatten()(x)
    answer = keras.layers.Dense(1, use_bias=False)
    model = keras.Model(inputs, answer(x))
    last.set_weights([np.ones((1, 1, 1, 1), np.float32)])
    answer.set_weights([np.ones((64, 1), np.float32)])
    assert maps.grad_cam(maps.Probe.of(model), dot(), 0) == pytest.approx(dot()[..., 0])
    assert maps.score_model(model)(dot()[np.newaxis]).numpy() == pytest.approx(2)


def test_activations_are_those_of_every_layer(keras, maps):
    outputs = maps.activations(maps.Probe.of(mean_filter(keras)), dot())
    assert [output.kind for output in outputs] == ["Conv2D", "ReLU", "Flatten", "Dense"]
    assert outputs[0].values[2, 5] == pytest.approx([1, -1])
    assert outputs[1].values[2, 5] == pytest.approx([1, 0])
    assert outputs[-1].values == pytest.approx([1, 0])


def test_dropout_does_nothing_to_an_answer(keras, maps):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dropout(0.5)])
    assert maps.activations(maps.Probe.of(model), X)[0].values == pytest.approx(X)


def test_saliency_of_a_linear_network_is_its_weights(keras, maps):
    scores = maps.score_model(linear(keras, WEIGHTS))
    assert maps.saliency(scores, X, 0) == pytest.approx([1, 3, -1])
    assert maps.saliency(scores, X, 1) == pytest.approx([-2, 0, 5])


def test_integrated_gradients_of_a_linear_network_are_weights_times_inputs(keras, maps):
    scores = maps.score_model(linear(keras, WEIGHTS, bias=4))
    found = maps.integrated_gradients(scores, X, 0)
    assert found.values == pytest.approx([1, 1.5, -2], abs=1e-5)
    assert found.baseline == pytest.approx(4)
    assert found.score - found.baseline == pytest.approx(found.values.sum(), abs=1e-5)


def test_another_baseline_counts_from_there(keras, maps):
    scores = maps.score_model(linear(keras, WEIGHTS))
    found = maps.integrated_gradients(scores, X, 0, baseline=np.ones(3, np.float32), steps=3)
    assert found.values == pytest.approx([0, -1.5, -1], abs=1e-5)


def test_occlusion_takes_a_known_pixel_away(keras, maps):
    found = maps.occlusion(maps.score_model(mean_filter(keras)), dot(), 0, patch=2, stride=1)
    expected = np.zeros((7, 7))
    expected[1:3, 4:6] = 1  # the squares that hold row 2, column 5
    assert found.drops == pytest.approx(expected)
    assert found.answers.shape == (7, 7)


def test_occlusion_of_a_row_of_numbers_covers_them_one_by_one(keras, maps):
    found = maps.occlusion(maps.score_model(linear(keras, WEIGHTS)), X, 1)
    assert found.drops == pytest.approx([-2, 0, 10])
    assert found.answers.tolist() == [1, 1, 0]


def test_grad_cam_shows_where_the_maps_speak_for_the_class(keras, maps):
    probe = maps.Probe.of(mean_filter(keras))
    found = maps.grad_cam(probe, dot(), 0)
    assert found.shape == (8, 8)
    # The map's weight is the mean gradient of the score with respect to it, which is 1.
    assert found == pytest.approx(dot()[..., 0])
    assert not maps.grad_cam(probe, dot(), 1).any()


def test_without_a_convolution_there_is_no_grad_cam(keras, maps):
    assert maps.grad_cam(maps.Probe.of(linear(keras, WEIGHTS)), X, 0) is None


def test_a_network_is_made_ready_once_and_not_for_each_input(keras, maps, monkeypatch):
    probe = maps.Probe.of(mean_filter(keras))

    def build(*arguments):
        raise AssertionError("a network was built")

    monkeypatch.setattr(keras, "Model", build)
    assert len(maps.activations(probe, dot())) == 4
    assert maps.saliency(probe.scores, dot(), 0).any()
    assert maps.grad_cam(probe, dot(), 0).any()
    assert maps.integrated_gradients(probe.scores, dot(), 0).values.any()
    assert maps.occlusion(probe.scores, dot(), 0).drops.any()


@pytest.mark.parametrize(
    "architecture",
    [
        {"hidden": (8,), "batch_norm": True, "norm_position": "after", "dropout": 0.2},
        {"hidden": (8, 6), "batch_norm": True, "norm_position": "before"},
        *({"hidden": (8,), "activation": name} for name in ("tanh", "sigmoid", "gelu", "none")),
    ],
)
def test_the_forward_pass_without_keras_agrees_with_keras(maps, architecture):
    from core.explain.forward import layer_outputs
    from core.networks.architecture import Architecture
    from core.networks.builder import build
    from core.networks.formats import KERAS_FILE
    from core.networks.keras_files import write_network
    from core.networks.saved_layers import parse_layers

    network = build(Architecture(**architecture), input_shape=(7,), num_classes=10, seed=1)
    for layer in network.layers:
        if type(layer).__name__ == "BatchNormalization":  # as training leaves them
            layer.set_weights([0.5 + 0.1 * n + weights for n, weights in enumerate(layer.weights)])
    layers = parse_layers(write_network(network, logits=False)[KERAS_FILE], name="made")
    x = np.array([1, 0, 1, 1, 0, 1, 0], np.float32)
    probe = maps.Probe.of(network)
    pairs = zip(layer_outputs(layers, x), maps.activations(probe, x), strict=True)
    for ours, theirs in pairs:
        assert ours.kind == theirs.kind
        assert ours.values == pytest.approx(theirs.values, abs=1e-5)


@pytest.mark.parametrize(
    ("task", "source"),
    [(name, source.name) for name, each in tasks().items() for source in each.sources],
)
def test_test_parts_loaded_one_by_one_are_those_that_networks_are_judged_on(task, source):
    data = get_task(task).source(source)
    if why := data.missing():
        pytest.skip(why)
    parts = data.held_out(None, 0.0, 0).tests
    assert list(data.tests()) == list(parts)
    for words, load in data.tests().items():
        assert np.array_equal(load().x, parts[words].x)
        assert np.array_equal(load().y, parts[words].y)
