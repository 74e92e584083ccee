"""The Open Inference Protocol, asked by Triton's client and by hand."""

import json
import threading

import httpx
import numpy as np
import pytest
import tritonclient.http as triton
import uvicorn
from tritonclient.utils import InferenceServerException

from core.api.app import create_app
from core.models import ModelStore, load_classifier
from core.segments.patterns import ALL_PATTERNS, CLEAN
from core.settings import Settings
from tests.support.patience import wait_until

INFER = "/v2/models/seven-segment/infer"


@pytest.fixture(scope="module")
def server():
    """A running server; gives its host and port."""
    running = uvicorn.Server(
        uvicorn.Config(create_app(Settings()), port=0, log_level="error", lifespan="off")
    )
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    wait_until(lambda: running.started)
    host, port = running.servers[0].sockets[0].getsockname()
    yield f"{host}:{port}"
    running.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def client(server):
    with triton.InferenceServerClient(server) as asking:
        yield asking


def tensor(x, *, binary=True, datatype="FP32"):
    given = triton.InferInput("input", list(x.shape), datatype)
    given.set_data_from_numpy(x, binary_data=binary)
    return given


def test_triton_finds_the_server_and_its_models(client):
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("seven-segment")
    assert client.is_model_ready("seven-segment", "1")
    assert not client.is_model_ready("half")
    assert "binary_tensor_data" in client.get_server_metadata()["extensions"]
    metadata = client.get_model_metadata("handwritten", "1")
    assert metadata["inputs"] == [{"name": "input", "datatype": "FP32", "shape": [-1, 28, 28, 1]}]
    assert [each["name"] for each in metadata["outputs"]] == [
        "probabilities",
        "class",
        "confidence",
        "recognised",
    ]


@pytest.mark.parametrize("binary_in", [True, False])
@pytest.mark.parametrize("binary_out", [True, False])
@pytest.mark.parametrize("version", ["", "1"])
def test_triton_gets_the_classifiers_answers(client, binary_in, binary_out, version):
    classifier = load_classifier(ModelStore().get("seven-segment"))
    expected = classifier.predict(ALL_PATTERNS)
    names = ("probabilities", "class", "recognised")
    answer = client.infer(
        "seven-segment",
        [tensor(ALL_PATTERNS, binary=binary_in)],
        outputs=[triton.InferRequestedOutput(name, binary_data=binary_out) for name in names],
        model_version=version,
        request_id="mine",
    )
    assert answer.get_response()["id"] == "mine"
    np.testing.assert_array_equal(answer.as_numpy("probabilities"), expected)
    np.testing.assert_array_equal(answer.as_numpy("class"), expected.argmax(axis=1))
    assert answer.as_numpy("class").dtype == np.int64
    np.testing.assert_array_equal(
        answer.as_numpy("recognised"), expected.max(axis=1) >= classifier.threshold
    )


def test_triton_gets_all_outputs_of_an_ensemble_where_it_names_none(client):
    x = np.random.default_rng(0).random((3, 28, 28, 1), np.float32)
    answer = client.infer("handwritten-ensemble", [tensor(x)])
    classifier = load_classifier(ModelStore().get("handwritten-ensemble"))
    expected = classifier.predict(x)
    np.testing.assert_allclose(answer.as_numpy("probabilities"), expected, atol=1e-6)
    assert answer.as_numpy("confidence").shape == (3,)


@pytest.mark.parametrize(
    ("dtype", "name", "ways"),
    [
        (np.float64, "FP64", (True, False)),
        (np.float16, "FP16", (True,)),  # which Triton's client sends as bytes only
        (np.int8, "INT8", (True, False)),
        (np.uint64, "UINT64", (True, False)),
        (np.bool_, "BOOL", (True, False)),
    ],
)
def test_other_types_are_converted(client, dtype, name, ways):
    for binary in ways:
        given = tensor(CLEAN.astype(dtype), binary=binary, datatype=name)
        answer = client.infer("seven-segment", [given])
        np.testing.assert_array_equal(answer.as_numpy("class"), np.arange(10))


def test_triton_is_told_what_is_wrong(client):
    for model, x, words in (
        ("half", CLEAN, "half"),
        ("seven-segment", CLEAN[:, :6], r"expected \[rows, 7\]"),
        ("seven-segment", np.array([b"1"], object), "BYTES"),
    ):
        datatype = "BYTES" if x.dtype == object else "FP32"
        with pytest.raises(InferenceServerException, match=words):
            client.infer(model, [tensor(x, datatype=datatype)])
    with pytest.raises(InferenceServerException, match="Compressed"):
        client.infer("seven-segment", [tensor(CLEAN)], request_compression_algorithm="gzip")


def request(**changes):
    entry = {"name": "input", "shape": [1, 7], "datatype": "FP32", "data": [0] * 7} | changes
    return {"inputs": [{key: value for key, value in entry.items() if value is not None}]}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (request(name="x"), "Unexpected input"),
        (request(datatype="FP8"), "not read here"),
        (request(shape=[-1, 7]), "Unexpected shape"),
        (request(shape=[2**40, 7]), "Unexpected shape"),
        (request(shape=[]), "Unexpected shape"),
        (request(shape=[True, 7]), "should be"),
        (request(shape=[2, 7]), "holds 7 values; its shape asks for 14"),
        (request(data=[0] * 6 + [True]), "to hold numbers"),
        (request(data=[0] * 6 + ["1"]), "to hold numbers"),
        (request(data=[0] * 6 + [1e39]), "no float32"),
        (request(datatype="INT8", data=[0] * 6 + [128]), "no int8"),
        (request(datatype="UINT8", data=[0] * 6 + [0.5]), "no uint8"),
        (request(data=None), "neither data nor binary_data_size"),
        (request(data=None, parameters={"binary_data_size": 28}), "but 0 bytes follow"),
        (request(data=None, parameters={"binary_data_size": "28"}), "a whole number"),
        (request() | {"outputs": [{"name": "logits"}]}, "Unexpected output"),
        (request() | {"inputs": []}, "inputs"),
        (request() | {"id": 5}, "id"),
    ],
)
def test_what_is_wrong_is_said(server, body, words):
    answer = post(server, json.dumps(body).encode())
    assert answer.status_code == 400
    assert words in answer.json()["error"]


@pytest.mark.parametrize(
    ("length", "binary", "words"),
    [
        ("x", b"", "whole number"),
        ("0", b"", "from 1 to"),
        ("99999", b"", "from 1 to"),
        (None, b"\0" * 28, "JSON Parse error"),
        ("all", b"\0" * 27, "27 bytes follow"),
        ("all", b"\0" * 29, "29 bytes follow"),
    ],
)
def test_wrong_binary_data_is_refused(server, length, binary, words):
    text = json.dumps(request(data=None, parameters={"binary_data_size": 28})).encode()
    length = str(len(text)) if length == "all" else length
    headers = {} if length is None else {"Inference-Header-Content-Length": length}
    answer = post(server, text + binary, headers)
    assert answer.status_code == 400
    assert words in answer.json()["error"]


def test_an_answer_that_json_cannot_hold_is_refused_and_sent_as_bytes(client):
    x = np.full((1, 7), np.nan, np.float32)
    answer = client.infer("seven-segment", [tensor(x)])
    assert np.isnan(answer.as_numpy("probabilities")).all()
    wanted = [triton.InferRequestedOutput("probabilities", binary_data=False)]
    with pytest.raises(InferenceServerException, match="JSON cannot say that"):
        client.infer("seven-segment", [tensor(x)], outputs=wanted)


def post(server, content, headers=None):
    return httpx.post(f"http://{server}{INFER}", content=content, headers=headers)
