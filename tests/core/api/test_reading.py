"""Pictures and patterns over HTTP: the same answers as the readers give."""

import base64

import cv2
import numpy as np
import pytest

from core.inference.reading import extract_ink, read
from core.models import ModelStore, load_classifier
from core.segments.patterns import to_inputs
from tests.support.photographs import written

MODEL = "/v1/models/handwritten:predict"


def png(*digits):
    """A drawing of these digits side by side, black on white."""
    ink = np.hstack([written(digit, size=(200, 160), height=0.6, width=9) for digit in digits])
    return cv2.imencode(".png", np.asarray(255 * (1 - ink), np.uint8))[1].tobytes()


@pytest.fixture(scope="module")
def classifier():
    return load_classifier(ModelStore().get("handwritten"))


def test_a_picture_is_read_as_the_page_reads_it_from_a_body_and_from_a_form(client, classifier):
    picture = png(7)
    expected = read(extract_ink(picture), classifier, number="always").to_json()
    body = client.post("/v1/read", content=picture, headers={"Content-Type": "image/png"}).json()
    assert body == client.post("/v1/read", files={"file": ("seven.png", picture)}).json()
    assert expected.items() <= body.items()
    assert (body["model"], body["read_as"], body["text"]) == ("handwritten", "digit", "7")


def test_a_number_has_its_digits_and_boxes(client):
    answer = client.post("/v1/read?model=handwritten-ensemble", content=png(4, 0, 7)).json()
    assert (answer["model"], answer["read_as"]) == ("handwritten-ensemble", "number")
    assert (answer["text"], answer["number"]) == ("407", "407")
    lefts = [each["box"][0] for each in answer["digits"]]
    assert lefts == sorted(lefts)
    assert len(lefts) == 3


@pytest.mark.parametrize(
    ("status", "request_", "words"),
    [
        (400, {"content": b""}, "empty"),
        (400, {"content": b"\x89PNG and nothing more"}, "not a picture"),
        (400, {"files": {"picture": ("a.png", b"x")}}, "no file called 'file'"),
        (400, {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, "boundary"),
        (400, {"content": png(7), "params": {"model": "seven-segment"}}, "reads"),
        (404, {"content": png(7), "params": {"model": "half"}}, "half"),
        (422, {"content": cv2.imencode(".png", np.full((90, 90), 255, np.uint8))[1].tobytes()},
         "no ink"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said(client, status, request_, words):
    answer = client.post("/v1/read", **request_)
    assert answer.status_code == status
    assert words in answer.json()["error"]


def test_base64_is_a_picture_file_in_every_form(client, classifier):
    picture = png(7)
    expected = read(extract_ink(picture), classifier).prediction.probabilities
    file = {"b64": base64.b64encode(picture).decode()}
    for body in (
        {"instances": [file, file]},
        {"instances": [{"input": file}, {"input": file}]},
        {"inputs": [file, file]},
        {"inputs": {"input": [file, file]}},
    ):
        answer = client.post(MODEL, json=body).json()
        (rows,) = answer.values()
        np.testing.assert_allclose(np.array(rows, np.float32), [expected] * 2, atol=1e-6)
    for key, files in (
        ("instances", [{"picture_bytes": file}]),
        ("instances", [file]),
        ("inputs", {"picture_bytes": [file]}),
    ):
        answer = client.post(MODEL, json={"signature_name": "picture", key: files})
        assert answer.status_code == 200
        (value,) = answer.json().values()
        assert (value[0]["class"] if key == "instances" else value["class"][0]) == 7


@pytest.mark.parametrize(
    ("status", "model", "body", "words"),
    [
        (400, "handwritten", {"instances": [{"b64": "!"}]}, "Unable to base64 decode"),
        (400, "handwritten", {"instances": [{"b64": "AAAA"}]}, "not a picture"),
        (400, "handwritten", {"instances": [{"b64": "AAAA"}, [1]]}, "list of picture files"),
        (400, "handwritten", {"instances": [{"b64": 5}]}, "keys must be equal"),
        (400, "handwritten", {"signature_name": "picture", "instances": ["AAAA"]}, "b64"),
        (413, "handwritten", {"instances": [{"b64": "AAAA"}] * 101}, "100 picture files"),
        (400, "shapes", {"instances": [{"b64": "AAAA"}]}, "does not read picture files"),
        (400, "shapes", {"signature_name": "picture", "instances": []}, "not found in signature"),
    ],
)
def test_wrong_pictures_are_said(client, status, model, body, words):
    answer = client.post(f"/v1/models/{model}:predict", json=body)
    assert answer.status_code == status
    assert words in answer.json()["error"]


def test_patterns_get_the_predictors_answers(client):
    patterns = ["1111110", "0110000", "0000000"]
    for name in (None, "seven-segment-flip"):
        model = load_classifier(ModelStore().get(name or "seven-segment"))
        answer = client.post(
            "/v1/segments", json={"patterns": patterns}, params={"model": name} if name else {}
        ).json()
        assert answer["model"] == (name or "seven-segment")
        for given, expected in zip(
            answer["answers"], model.answers(to_inputs(*patterns)), strict=True
        ):
            assert given["digit"] == expected.digit
            assert np.float32(given["confidence"]) == np.float32(expected.confidence)
            np.testing.assert_array_equal(
                np.array(given["probabilities"], np.float32), expected.probabilities
            )
    assert (
        client.post("/v1/segments", json={"patterns": "1111111"}).json()["answers"][0]["digit"] == 8
    )


@pytest.mark.parametrize(
    "body", [{}, {"patterns": 8}, {"patterns": ["2222222"]}, {"patterns": "1"}, {"pattern": "1"}]
)
def test_wrong_patterns_are_refused(client, body):
    answer = client.post("/v1/segments", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
