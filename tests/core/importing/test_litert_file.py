"""LiteRT files from outside: refused, or written anew with the same answers."""

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from core.errors import InvalidInput
from core.importing import litert_file
from core.importing.litert_file import adapted, read_checked, shapes_of, weight_count, written
from core.importing.matching import Adaptation
from core.inference.predictor import Predictor
from core.models.store import ModelStore
from core.networks.formats import LITERT_FILE

BUNDLED = [model for model in ModelStore().models() if not model.is_ensemble]
MOST = 2_000_000


@pytest.fixture
def data():
    return ModelStore().get("handwritten-dense").read(LITERT_FILE)


@pytest.fixture
def x():
    return np.random.default_rng(0).random((3, 28, 28, 1), np.float32)


def answers(content, x, classes=10):
    return Predictor(content, input_shape=x.shape[1:], num_classes=classes).predict(x)


@pytest.mark.parametrize("model", BUNDLED, ids=lambda model: model.name)
def test_a_network_of_plain_operations_answers_as_before_when_it_is_written_anew(model):
    content = model.read(LITERT_FILE)
    found = read_checked(content, max_numbers=MOST)
    assert shapes_of(found) == (model.task.input_shape, (len(model.task.classes),))
    x = np.random.default_rng(0).random((3, *model.task.input_shape), np.float32)
    classes = len(model.task.classes)
    assert (answers(written(found), x, classes) == answers(content, x, classes)).all()


def test_shape_scale_and_softmax_are_added_as_operations(data, x):
    plain = answers(data, x)
    scaled = adapted(
        read_checked(data, max_numbers=MOST), Adaptation(factor=2, offset=-1), x.shape[1:]
    )
    assert answers(scaled, (x + 1) / 2) == pytest.approx(plain, abs=1e-5)
    flat = adapted(read_checked(data, max_numbers=MOST), Adaptation(reshape=True), (784,))
    assert answers(flat, x.reshape(3, 784)) == pytest.approx(plain, abs=1e-6)
    soft = adapted(
        read_checked(data, max_numbers=MOST), Adaptation(True, 255, 3, softmax=True), (28, 28)
    )
    powers = np.exp(answers(data, x * 255 + 3))
    expected = powers / powers.sum(axis=1, keepdims=True)
    assert answers(soft, x[..., 0]) == pytest.approx(expected, abs=1e-5)
    assert read_checked(soft, max_numbers=MOST)


def changed(data, change):
    model = schema.ModelT.InitFromPackedBuf(data, 0)
    change(model, model.subgraphs[0])
    return written(model)


def custom(model, graph):
    model.operatorCodes[0].builtinCode = schema.BuiltinOperator.CUSTOM
    model.operatorCodes[0].customCode = b"FlexPyFunc"


def control_flow(model, graph):
    model.operatorCodes[0].builtinCode = schema.BuiltinOperator.WHILE


def second_graph(model, graph):
    model.subgraphs.append(graph)


def input_beyond(model, graph):
    graph.operators[0].inputs = [10_000]


def output_beyond(model, graph):
    graph.operators[0].outputs = [-5]


def overwritten_weights(model, graph):
    contents = [model.buffers[tensor.buffer].data for tensor in graph.tensors]
    place = next(place for place, content in enumerate(contents) if content is not None)
    graph.operators[0].outputs = [place]


def not_yet_computed(model, graph):
    graph.operators.reverse()


def operation_beyond(model, graph):
    graph.operators[0].opcodeIndex = 99


def buffer_beyond(model, graph):
    graph.tensors[1].buffer = 10_000


def weights_too_short(model, graph):
    for tensor in graph.tensors:
        content = model.buffers[tensor.buffer].data
        if content is not None and len(content) > 1000:
            tensor.shape = [2 * size for size in tensor.shape]


def giant_tensor(model, graph):
    graph.tensors[graph.outputs[0]].shape = [1, 2**31 - 1]


def negative_size(model, graph):
    graph.tensors[graph.outputs[0]].shape = [1, -10]


def many_numbers(model, graph):
    graph.tensors[graph.outputs[0]].shape = [1, 5_000_000]


def variable(model, graph):
    graph.tensors[0].isVariable = True


def two_inputs(model, graph):
    graph.inputs = [*graph.inputs, *graph.inputs]


def integers(model, graph):
    graph.tensors[graph.inputs[0]].type = schema.TensorType.UINT8


def elsewhere(model, graph):
    model.buffers[1].offset, model.buffers[1].size = 10, 10


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (custom, "FlexPyFunc"),
        (control_flow, "WHILE"),
        (second_graph, "control flow"),
        (input_beyond, "damaged"),
        (output_beyond, "damaged"),
        (overwritten_weights, "damaged"),
        (not_yet_computed, "damaged"),
        (operation_beyond, "damaged"),
        (buffer_beyond, "damaged"),
        (weights_too_short, "damaged"),
        (giant_tensor, "impossible size"),
        (negative_size, "impossible size"),
        (many_numbers, "too much memory"),
        (variable, "not read here"),
        (two_inputs, "2 inputs"),
        (integers, "float32"),
        (elsewhere, "behind it"),
    ],
)
def test_what_an_interpreter_would_trust_is_checked(data, change, said):
    with pytest.raises(InvalidInput, match=said):
        read_checked(changed(data, change), max_numbers=MOST)


def test_more_weights_than_the_server_takes_are_refused(data):
    count = weight_count(read_checked(data, max_numbers=MOST))
    with pytest.raises(InvalidInput, match=f"{count:,} weights"):
        read_checked(data, max_numbers=count - 1)


def test_garbage_and_damage_never_raise_anything_else(monkeypatch):
    data = ModelStore().get("seven-segment").read(LITERT_FILE)
    random = np.random.default_rng(0)
    candidates = [b"", b"\x00\x00\x00\x10TFL3", b"\xff\xff\xff\xffTFL3" + bytes(100), data[:200]]
    for _ in range(150):
        damaged = bytearray(data)
        for place in random.integers(0, len(data), 4):
            damaged[place] = random.integers(0, 256)
        candidates.append(bytes(damaged))
    refused = 0
    for candidate in candidates:
        try:
            model = read_checked(candidate, max_numbers=MOST)
        except InvalidInput:
            refused += 1
        else:
            written(model)
    assert refused > 10
    assert set(vars(schema.BuiltinOperator)) >= litert_file.OPERATIONS
