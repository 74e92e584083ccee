"""Networks from outside, opened in a process of their own."""

import subprocess
import sys

import pytest

from core.cli import main
from core.errors import Abandoned, InvalidInput
from core.importing import bounded, child
from core.importing.bounded import Upload, import_network
from core.importing.litert_file import adapted, read_checked
from core.importing.matching import Adaptation
from core.metrics.accuracy import accuracy_of
from core.models.loader import load_classifier
from core.models.store import ModelStore
from core.networks.formats import KERAS_FILE, LITERT_FILE
from core.tasks.base import get_task
from core.training.card import ImportedCard

DIGITS = get_task("handwritten")


def measured(model, source):
    """Returns a model's accuracies on a data set, as they are to be found again."""
    classifier = load_classifier(model)
    dataset = DIGITS.source(source).held_out(None, 0.0, 0)
    return tuple(
        accuracy_of(classifier.predict(split.x), split, data=words)
        for words, split in dataset.tests.items()
    )


@pytest.mark.keras
@pytest.mark.slow
def test_a_keras_file_is_measured_saved_and_answers(tmp_path, monkeypatch, capsys):
    bundled = ModelStore().get("handwritten-dense")
    file = tmp_path / "Mine (1).keras"
    file.write_bytes(bundled.read(KERAS_FILE))
    expected = measured(bundled, "built-in")
    monkeypatch.setenv("DIGIT_LAB_MODELS", str(tmp_path / "models"))
    words = ["--task", "handwritten", "--data", "built-in", "--name", "mine"]
    assert main(["import", str(file), *words]) == 0
    saved = ModelStore().get("mine")
    assert isinstance(saved.card, ImportedCard)
    assert saved.figures == expected
    assert saved.card.imported.file == "Mine (1).keras"
    assert saved.card.imported.findings == ()
    assert saved.has_layers
    assert saved.owner is None
    assert saved.calibration.temperature > 0
    x = DIGITS.source("built-in").examples(20).x
    answers = load_classifier(saved, calibrated=False).predict(x)
    assert answers == pytest.approx(load_classifier(bundled, calibrated=False).predict(x), abs=1e-5)
    command = saved.card.command
    assert command.endswith("'Mine (1).keras' --task handwritten --data built-in --name mine")
    printed = capsys.readouterr().out
    assert str(expected[0]) in printed
    assert "may have seen these test examples" in printed


@pytest.mark.keras
@pytest.mark.slow
def test_a_litert_file_of_another_shape_and_scale_is_fitted(tmp_path):
    bundled = ModelStore().get("handwritten-dense")
    model = read_checked(bundled.read(LITERT_FILE), max_numbers=10**7)
    # It takes (28, 28) from 0 to 255, as many networks do.
    data = adapted(model, Adaptation(True, 1 / 255), (28, 28))
    made = import_network(Upload(data, "x.keras", DIGITS.name, "built-in"), DIGITS)
    card = made.card
    assert isinstance(card, ImportedCard)
    assert set(made.files) == {LITERT_FILE}
    assert card.imported.format == "litert"  # by its content, not by its name
    assert [finding.split(":")[0] for finding in card.imported.findings] == [
        "It reads values of 0 to 255",
        "Its input has another shape",
    ]
    assert card.figures == measured(bundled, "built-in")
    store = ModelStore(tmp_path)
    saved = store.save("mine", made.files, card, owner="a visitor")
    assert (saved.has_layers, saved.is_ensemble, saved.is_imported) == (False, False, True)
    assert store.models() == (saved,)


def run(monkeypatch, script, **options):
    """Has a process like ours do something else."""
    popen = subprocess.Popen
    started = []

    def start(command, **arguments):
        started.append(popen([sys.executable, "-c", script, command[-1]], **arguments))
        return started[-1]

    monkeypatch.setattr(bounded.subprocess, "Popen", start)
    upload = Upload(
        ModelStore().get("seven-segment").read(KERAS_FILE), "x", "handwritten", "built-in"
    )
    try:
        return import_network(upload, DIGITS, **options)
    finally:
        assert started[0].poll() is not None


@pytest.mark.parametrize(
    "script",
    [
        "import os; os.abort()",
        "pass",
        "import sys; open(sys.argv[1] + '/result.json', 'w').write('{')",
        "import sys; open(sys.argv[1] + '/result.json', 'w').write('[]')",
    ],
)
def test_a_file_that_kills_the_process_kills_no_other(monkeypatch, script):
    with pytest.raises(InvalidInput, match="ended unexpectedly"):
        run(monkeypatch, script)


def test_a_file_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(bounded, "SECONDS", 0.1)
    with pytest.raises(InvalidInput, match="given up"):
        run(monkeypatch, "import time; time.sleep(1000)")


def test_the_process_ends_when_the_person_stops_it(monkeypatch):
    def stop():
        raise Abandoned

    with pytest.raises(Abandoned):
        run(monkeypatch, "import time; time.sleep(1000)", check_stopped=stop)


def test_the_process_knows_no_password_and_no_database(monkeypatch):
    monkeypatch.setenv("DIGIT_LAB_PASSWORD", "correct horse")
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:secret@host/db")
    script = (
        "import json, os, sys;"
        "json.dump({'error': str(dict(os.environ))}, open(sys.argv[1] + '/result.json', 'w'))"
    )
    with pytest.raises(InvalidInput) as told:
        run(monkeypatch, script)
    assert "PATH" in str(told.value)
    assert "horse" not in str(told.value)
    assert "secret" not in str(told.value)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps all of the limits")
def test_the_process_has_little_memory():
    script = f"from core.importing import child; child.limit(); bytearray({child.MEMORY_BYTES})"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert "MemoryError" in done.stderr


def test_the_process_ends_with_the_one_that_started_it():
    script = (
        "from core.importing import child; import time; child._end_with_parent(); time.sleep(99)"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE)
    process.stdin.close()
    assert process.wait() == 1


def test_what_is_no_network_needs_no_process():
    with pytest.raises(InvalidInput, match="no network"):
        import_network(Upload(b"text", "x.keras", DIGITS.name, "built-in"), DIGITS)


def test_a_bundled_model_is_not_replaced(tmp_path, capsys):
    bundled = ModelStore().get("seven-segment")
    file = tmp_path / "mine.keras"
    file.write_bytes(bundled.read(KERAS_FILE))
    words = ["--task", "seven-segment", "--name", "seven-segment", "--replace"]
    assert main(["import", str(file), *words]) == 2
    assert "comes with Digit Lab" in capsys.readouterr().err
    assert ModelStore().get("seven-segment").version == bundled.version
