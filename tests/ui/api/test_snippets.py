"""The programs of the API page, run as a reader runs them, against a real server."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

from core.api.app import create_app
from core.models.loader import load_classifier
from core.models.store import ModelStore
from core.segments.patterns import DIGIT_PATTERNS, to_inputs
from core.settings import Settings
from tests.support.api import listening
from tests.support.patience import PATIENCE
from ui.api.snippets import FORMS, LANGUAGES, Question, rounded

SEVEN = to_inputs(DIGIT_PATTERNS[7])[0]


@pytest.fixture(scope="module")
def address():
    with listening(create_app(Settings())) as found:
        yield found


def run(language, program, folder):
    """Runs a program and returns what it wrote."""
    if language == "curl":
        command = ["bash", "-c", program]
    elif language == "javascript":
        node = shutil.which("node")
        if node is None:
            pytest.skip("no Node.js on this machine; on Debian: apt-get install nodejs")
        (folder / "ask.mjs").write_text(program)
        command = [node, "ask.mjs"]
    else:
        (folder / "ask.py").write_text(program)
        command = [sys.executable, "ask.py"]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def probabilities(language, form, written):
    """Returns the probabilities in what a program wrote: curl's is the whole answer."""
    answer = json.loads(written)
    if language != "curl":
        return answer
    return answer["predictions"][0] if form == "v1" else answer["outputs"][0]["data"]


def picture():
    x = np.zeros((28, 28, 1), np.float32)
    x[5:23, 12:16, 0] = np.random.default_rng(0).random((18, 4))
    return x


def sequence():
    return np.eye(10, dtype=np.float32)[[0, 3, 6, 9, 2, 5]]


@pytest.mark.parametrize(
    ("model", "x", "form", "language"),
    [
        *(("seven-segment", SEVEN, form, language) for form in FORMS for language in LANGUAGES),
        ("handwritten-dense", picture(), "v1", "curl"),
        ("handwritten-dense", picture(), "v2", "javascript"),
        ("handwritten-dense", picture(), "v2", "library"),
        ("next-number", sequence(), "v1", "python"),
        ("next-number", sequence(), "v2", "curl"),
    ],
)
def test_a_program_of_the_page_gets_the_model_s_own_answer(
    address, tmp_path, model, x, form, language
):
    question = Question(address, model, rounded(x), form)
    written = run(language, LANGUAGES[language].write(question), tmp_path)
    expected = load_classifier(ModelStore().get(model)).predict(question.x[np.newaxis])[0]
    found = probabilities(language, form, written)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_an_input_in_a_snippet_is_what_the_page_asks():
    x = rounded(np.array([[[0.123456], [-1e-9]], [[1.0], [0.5]]], np.float32))
    question = Question("http://lab", "m", x)
    assert json.loads(question.json) == {"instances": [[[[0.12], [0.0]], [[1.0], [0.5]]]]}
    assert "-0" not in question.json
    flat = Question("http://lab", "m", x, "v2")
    assert json.loads(flat.json) == {
        "inputs": [
            {"name": "input", "shape": [1, 2, 2, 1], "datatype": "FP32", "data": [0.12, 0, 1, 0.5]}
        ]
    }


@pytest.mark.parametrize("language", ["curl", "python", "javascript"])
def test_an_address_with_signs_of_a_language_stays_an_address(tmp_path, language):
    question = Question('http://lab.invalid/it\'s "$HOME"', "m", SEVEN)
    program = LANGUAGES[language].write(question)
    if language == "curl":
        printing = program.replace("curl ", "echo ", 1)
    elif language == "python":
        printing = f"print({program.partition('Request(')[2].partition(',')[0].strip()})"
    else:
        printing = f"console.log({program.partition('fetch(')[2].partition(', {')[0]})"
    assert question.url in run(language, printing, tmp_path)
