import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import InvalidInput
from core.inference.reading import answers_to_files, answers_to_patterns, read_pattern
from core.models.store import ModelStore
from core.segments.patterns import DIGIT_PATTERNS


@pytest.fixture(scope="module")
def segments():
    return ModelStore().get("seven-segment").predictor()


@pytest.fixture(scope="module")
def pictures():
    return ModelStore().get("handwritten-cnn").predictor()


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
