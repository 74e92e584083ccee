"""The documented requests of TensorFlow Serving's REST form, written by hand."""

import json

import numpy as np
import pytest

from core.models import ModelStore, load_classifier
from core.segments.patterns import CLEAN

MODEL = "/v1/models/seven-segment"
ZERO, EIGHT = [1, 1, 1, 1, 1, 1, 0], [1, 1, 1, 1, 1, 1, 1]


def test_the_status_has_the_documented_form(client):
    available = {
        "model_version_status": [
            {
                "version": "1",
                "state": "AVAILABLE",
                "status": {"error_code": "OK", "error_message": ""},
            }
        ]
    }
    assert client.get(MODEL).json() == available
    assert client.get(f"{MODEL}/versions/1").json() == available


def test_metadata_describes_what_predict_takes_and_gives(client):
    answer = client.get(f"{MODEL}/metadata").json()
    assert answer["model_spec"] == {"name": "seven-segment", "signature_name": "", "version": "1"}
    definition = answer["metadata"]["signature_def"]["signature_def"]["serving_default"]
    assert definition["method_name"] == "tensorflow/serving/predict"
    assert definition["inputs"]["input"]["dtype"] == "DT_FLOAT"
    sizes = [part["size"] for part in definition["inputs"]["input"]["tensor_shape"]["dim"]]
    assert sizes == ["-1", "7"]
    sizes = [part["size"] for part in definition["outputs"]["probabilities"]["tensor_shape"]["dim"]]
    assert sizes == ["-1", "10"]


@pytest.mark.parametrize("version", ["", "/versions/1"])
@pytest.mark.parametrize("named", [False, True])
def test_rows_and_columns_are_answered_as_the_classifier_does(client, version, named):
    expected = load_classifier(ModelStore().get("seven-segment")).predict(CLEAN)
    values = CLEAN.tolist()
    rows = {"instances": [{"input": row} for row in values] if named else values}
    columns = {"inputs": {"input": values} if named else values}
    for body, key in ((rows, "predictions"), (columns, "outputs")):
        # curl -d sends another content type, and TensorFlow Serving reads it.
        answer = client.post(f"{MODEL}{version}:predict", content=json.dumps(body))
        assert answer.status_code == 200
        assert list(answer.json()) == [key]
        np.testing.assert_array_equal(np.array(answer.json()[key], np.float32), expected)


def test_several_outputs_have_names(client):
    body = {"signature_name": "answer", "instances": [ZERO, EIGHT]}
    rows = client.post(f"{MODEL}:predict", json=body).json()["predictions"]
    assert [row["class"] for row in rows] == [0, 8]
    assert all(row["recognised"] is True for row in rows)
    body = {"signature_name": "answer", "inputs": [ZERO, EIGHT]}
    columns = client.post(f"{MODEL}:predict", json=body).json()["outputs"]
    assert columns["class"] == [0, 8]
    assert columns["confidence"] == [max(row["probabilities"]) for row in rows]


def test_numbers_that_are_not_finite_are_read_and_written(client):
    body = '{"instances": [[NaN, Infinity, -Infinity, 0, 0, 0, 0]]}'
    answer = client.post(f"{MODEL}:predict", content=body)
    assert answer.status_code == 200
    assert "NaN" in answer.text


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, "", "JSON Parse error"),
        (400, "{", "JSON Parse error"),
        (400, "[]", "a JSON object"),
        (400, b'{"instances": "\xff"}', "JSON Parse error"),
        (400, '{"instances": ' + "[" * 5000 + "]" * 5000 + "}", "JSON Parse error"),
        (400, "{}", "Missing 'inputs' or 'instances'"),
        (400, '{"instances": [], "inputs": []}', "only one of"),
        (400, '{"instances": []}', "No values"),
        (400, '{"instances": 5}', "a list"),
        (400, '{"inputs": []}', "shape (rows, 7)"),
        (400, '{"inputs": {}}', "Missing named input: input"),
        (400, '{"instances": [[1, 1]]}', "a list of 7 at level 1. Received one of 2"),
        (400, '{"instances": [[1, 1, 1, 1, 1, 1, [1]]]}', "Received a list"),
        (400, '{"instances": [[1, 1, 1, 1, 1, 1, true]]}', "numbers. Received: True"),
        (400, '{"instances": [[1, 1, 1, 1, 1, 1, null]]}', "numbers. Received: None"),
        (400, '{"instances": [[1, 1, 1, 1, 1, 1, "1"]]}', "numbers. Received: '1'"),
        (400, '{"instances": [[1, 1, 1, 1, 1, 1, 16777216]]}', "without loss of precision"),
        (400, '{"instances": [[0, 0, 0, 0, 0, 0, -9223372036854775808]]}', "without loss"),
        (400, '{"instances": [[0, 0, 0, 0, 0, 0, 1.5e39, NaN]]}', "Received one of 8"),
        (400, '{"instances": [[0, 0, 0, 0, 0, 1.5e39, NaN]]}', "without loss of precision"),
        (400, '{"instances": ["1111111"]}', "numbers. Received: '1111111'"),
        (400, '{"instances": [[1, 1, 1, 1, 1, 1, 1e39]]}', "without loss of precision"),
        (400, '{"instances": [[1, 1, 1, 1, 1, 1, 1e999]]}', "JSON Parse error"),
        (400, '{"instances": [[1,1,1,1,1,1,1' + "0" * 400 + "]]}", "JSON Parse error"),
        (400, '{"instances": [{"x": [1]}]}', "keys must be equal to input"),
        (400, '{"instances": [[1,1,1,1,1,1,1], {"input": [1]}]}', "mixes"),
        (400, '{"signature_name": 7, "instances": [[1]]}', "must be a text"),
        (400, '{"signature_name": "x", "instances": [[1]]}', "not found in signature def"),
    ],
)
def test_what_is_wrong_is_said(client, status, body, words):
    answer = client.post(f"{MODEL}:predict", content=body)
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
    assert words in answer.json()["error"]


@pytest.mark.parametrize(
    ("status", "method", "path"),
    [
        (404, "GET", "/v1/models/half"),
        (404, "GET", "/v1/models/half/metadata"),
        (404, "POST", "/v1/models/half:predict"),
        (404, "GET", f"{MODEL}/versions/2"),
        (400, "GET", f"{MODEL}/versions/two"),
        (405, "GET", f"{MODEL}:predict"),
        (405, "POST", MODEL),
        (404, "GET", "/v1/nothing"),
    ],
)
def test_an_address_that_does_not_exist_is_told_so(client, status, method, path):
    answer = client.request(method, path, content='{"instances": [[1, 1, 1, 1, 1, 1, 1]]}')
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
