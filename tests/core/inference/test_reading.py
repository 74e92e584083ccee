import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import InvalidInput
from core.inference.calibration import Calibration
from core.inference.predictor import Classifier
from core.inference.reading import (
    answers_to_files,
    answers_to_patterns,
    extract_drawn_ink,
    read,
    read_pattern,
)
from core.models.loader import load_classifier
from core.models.store import ModelStore
from core.segments.patterns import DIGIT_PATTERNS


@pytest.fixture(scope="module")
def segments():
    return load_classifier(ModelStore().get("seven-segment"))


@pytest.fixture(scope="module")
def pictures():
    return load_classifier(ModelStore().get("handwritten-cnn"))


def bar(path, shade=0):
    """Writes a picture of a one, dark on white unless the shade is white too."""
    image = np.full((90, 60), 255, np.uint8)
    image[10:80, 26:34] = shade
    Image.fromarray(image).save(path)
    return path


def test_every_clean_pattern_is_read(segments):
    answers = list(answers_to_patterns(segments, DIGIT_PATTERNS))
    assert [answer["digit"] for answer in answers] == list(range(10))
    assert [answer["input"] for answer in answers] == list(DIGIT_PATTERNS)
    assert json.loads(json.dumps(answers)) == answers


def test_a_wrong_pattern_stops_nothing(segments):
    first, wrong, last = answers_to_patterns(segments, ["1111110", "12", "0110000"])
    assert (first["digit"], last["digit"]) == (0, 1)
    assert list(wrong) == ["input", "error"]
    with pytest.raises(InvalidInput):
        read_pattern(segments, "12")


def test_what_cannot_be_read_says_why(pictures, tmp_path):
    blank = bar(tmp_path / "blank.png", shade=255)
    empty, nothing = answers_to_files(pictures, [blank, tmp_path / "nothing.png"])
    assert "error" in empty
    assert "cannot be read" in nothing["error"]


def test_a_folder_stands_for_its_pictures_in_order(pictures, tmp_path):
    for name in ("b.png", "A.PNG", "c.gif"):
        bar(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "folder.png").mkdir()
    answers = list(answers_to_files(pictures, [tmp_path]))
    names = [Path(answer["file"]).name for answer in answers]
    assert names == ["A.PNG", "b.png", "c.gif", "folder.png"]
    assert [answer.get("digit") for answer in answers] == [1, 1, 1, None]


@pytest.mark.parametrize("name", ["nothing.png", "a" * 300, "notes.txt"])
def test_an_impossible_file_stops_nothing(pictures, tmp_path, name):
    (tmp_path / "notes.txt").write_text("no picture")
    one = bar(tmp_path / "one.png")
    wrong, right = answers_to_files(pictures, [tmp_path / name, one])
    assert list(wrong) == ["file", "error"]
    assert right["digit"] == 1


def strokes(*bars, size=(120, 240)):
    """A white sheet with upright strokes: uint8, (height, width); each is (left, top, bottom)."""
    sheet = np.full(size, 255, np.uint8)
    for left, top, bottom in bars:
        sheet[top:bottom, left : left + 8] = 0
    return sheet


def test_one_digit_is_read_with_its_way_into_the_network(pictures):
    extraction = extract_drawn_ink(strokes((100, 20, 100)), paper=1.0)
    reading = read(extraction, pictures)
    assert (reading.prediction.digit, reading.prediction.recognised) == (1, True)
    assert reading.stages.network_input.shape == (28, 28, 1)
    assert reading.extraction is extraction
    assert (reading.number, reading.plain, reading.refusal) == (None, None, "")
    assert pictures.predict_one(reading.stages.network_input).digit == 1


class OneStrokeIsAOne(Classifier):
    """Is sure of a single upright stroke, and of nothing else."""

    def predict_uncalibrated(self, x):
        lit = (x[..., 0].max(axis=1) > 0.2).astype(int)  # (n, 28)
        strokes_seen = (np.diff(lit, axis=1, prepend=0) == 1).sum(axis=1)
        sure = np.eye(10, dtype=np.float32)[1]
        return np.stack([sure if n == 1 else np.full(10, 0.1, np.float32) for n in strokes_seen])


def test_what_is_no_digit_is_read_as_a_number_as_well():
    classifier = OneStrokeIsAOne(Calibration(threshold=0.5))
    drawing = strokes((20, 20, 100), (110, 20, 100))
    reading = read(extract_drawn_ink(drawing, paper=1.0), classifier)
    assert not reading.prediction.recognised
    assert reading.number
    assert reading.number.text == "11"
    assert reading.likely_number is reading.number


def test_a_digit_is_read_as_a_number_where_that_is_asked_for(pictures):
    extraction = extract_drawn_ink(strokes((100, 20, 100)), paper=1.0)
    reading = read(extraction, pictures, number="always")
    assert reading.number
    assert reading.number.text == "1"
    assert reading.likely_number is None
    assert reading.to_json()["number"] == "1"


def test_too_much_for_a_number_is_refused_and_read_as_a_digit_all_the_same(pictures):
    many = [(12 * k, 20, 60) for k in range(30)]
    sheet = strokes(*many, size=(80, 380))
    reading = read(extract_drawn_ink(sheet, paper=1.0), pictures, number="always")
    assert reading.number is None
    assert "digits" in reading.refusal
    assert reading.to_json()["problem"] == reading.refusal


def test_without_clean_up_the_whole_sheet_is_seen(pictures):
    extraction = extract_drawn_ink(strokes((20, 20, 100)), paper=1.0)
    reading = read(extraction, pictures, plain=True)
    assert reading.plain
    assert reading.plain.network_input.shape == (28, 28, 1)
    assert not np.array_equal(reading.plain.network_input, reading.stages.network_input)
    answer = pictures.predict_one(reading.plain.network_input)
    assert reading.plain.prediction.confidence == answer.confidence
