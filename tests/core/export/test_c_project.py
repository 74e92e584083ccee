import re
import zipfile
from dataclasses import replace
from io import BytesIO
from types import SimpleNamespace

import numpy as np
import pytest

from core.errors import InvalidInput, ModelUnusable
from core.export.c_accuracy import int8_accuracy
from core.export.c_project import (
    every_input,
    network_of,
    program_files,
    project_files,
    vectors_for,
    vectors_of,
)
from core.export.formats import FORMATS, make
from core.export.microcontroller import microcontroller_needs
from core.export.plans import plan_of
from core.inference.calibration import Calibration
from core.models.loader import load_classifier
from core.models.store import ModelStore
from core.networks.plan import multiplications, parameters
from core.networks.plan_forward import run_plan
from core.networks.quantisation import quantise_network
from tests.support.c_programs import (
    STRICT,
    Program,
    need,
    network_of_steps,
    random_steps,
    run,
    write,
)

NETWORKS = [model.name for model in ModelStore().models() if not model.is_ensemble]
PLANS = {name: plan_of(ModelStore().get(name)) for name in NETWORKS}
LARGE = 200_000  # parameters, of which gcc reads a file of megabytes
# Those that answer a thousand digits in seconds.
QUICK = [
    name
    for name in NETWORKS
    if ModelStore().get(name).task.name == "handwritten" and multiplications(PLANS[name]) < 2e6
]
CROSS = ("make", "arm-none-eabi-gcc", "qemu-system-arm")
SANITISED = "-fsanitize=undefined,address -fno-sanitize-recover=all -g -O1"


def silent(note, done=0, total=0):
    pass


def unpacked(folder, name, weights):
    """Returns the folder of a model's project, as a person unpacks it."""
    model = ModelStore().get(name)
    network = network_of(model, int8=weights == "int8")
    write(folder, project_files(model, network, {}))
    return folder / name


def with_both_weights():
    """Every network with both kinds of weights; the largest, slow to compile, with one."""
    for name in NETWORKS:
        large = parameters(PLANS[name]) > LARGE
        for weights in ("int8",) if large else ("int8", "float"):
            yield pytest.param(name, weights, marks=[pytest.mark.keras, pytest.mark.slow] * large)


@pytest.mark.parametrize(("name", "weights"), list(with_both_weights()))
def test_every_network_answers_in_c_as_in_the_app(name, weights, tmp_path):
    model = ModelStore().get(name)
    network = network_of(model, int8=weights == "int8")
    program = Program(network, tmp_path)
    every = every_input(model.task)
    x = vectors_of(network, model).x[: 2 if multiplications(PLANS[name]) > 1e7 else None]
    if every is not None:
        np.testing.assert_array_equal(x, every)
    answers, probabilities = program.predict(x)
    classifier = load_classifier(model)
    in_the_app = classifier.predict(x)
    if weights == "float" or every is not None:
        expected = [a.digit if a.recognised else -1 for a in classifier.answers(x)]
        assert answers.tolist() == expected
    np.testing.assert_allclose(probabilities, in_the_app, atol=1e-4 if weights == "float" else 0.1)
    rounded = model.calibration.apply(run_plan(network.steps, x))
    np.testing.assert_allclose(probabilities, rounded, atol=1e-5)
    assert program.names() == model.task.classes


def thousand_digits(task):
    """MNIST's where it is at hand; of the built-in ones there are fewer: some are moved as well."""
    x = task.available_source().examples(1000).x
    return np.concatenate([x, np.roll(x, 1, axis=1), np.roll(x, 1, axis=2)])[:1000]


@pytest.mark.keras
@pytest.mark.slow
@pytest.mark.parametrize("name", QUICK)
def test_a_thousand_digits_are_answered_in_c_as_in_the_app(name, tmp_path):
    model = ModelStore().get(name)
    x = thousand_digits(model.task)
    assert len(x) == 1000
    with_floats = load_classifier(model).predict(x)
    rounded = network_of(model, int8=True)
    with_integers = model.calibration.apply(run_plan(rounded.steps, x))
    for network, expected in (
        (network_of(model, int8=False), with_floats),
        (rounded, with_integers),
    ):
        refused = expected.max(axis=1) < model.calibration.threshold
        folder = tmp_path / ("int8" if network.int8 else "float")  # a library is loaded once
        answers, _ = Program(network, folder, "-O2").predict(x)
        np.testing.assert_array_equal(answers, np.where(refused, -1, expected.argmax(axis=1)))


# Together they have every kind of layer, a pooling within a convolution, and strides.
@pytest.mark.parametrize("seed", [7, 9, 25, 31, 50, 62, 79, 149])
def test_layers_in_any_order_share_their_buffer(seed, tmp_path):
    steps, x = random_steps(seed)
    int8 = quantise_network(steps) if seed % 2 else None
    network = network_of_steps(steps, int8=int8, calibration=Calibration(1.5, 0.3))
    answers, probabilities = Program(network, tmp_path, "-O0").predict(x)
    expected = vectors_for(network, "", x)
    assert len(expected.x) == len(x)
    np.testing.assert_array_equal(answers, expected.answers)
    np.testing.assert_allclose(probabilities, expected.probabilities, atol=1e-5)
    assert np.ptp(probabilities, axis=0).max() > 0.2


@pytest.mark.parametrize("seed", [50, 62, 25])
def test_no_layer_reads_or_writes_beside_its_memory(seed, tmp_path):
    steps, x = random_steps(seed)
    network = network_of_steps(steps, int8=quantise_network(steps))
    write(tmp_path, program_files(network, vectors_for(network, "made", x)))
    out = run("make", "-s", "test", f"CFLAGS={SANITISED}", folder=tmp_path)
    assert f"PASS: {len(x)} of {len(x)} answers agree" in out


def test_the_test_of_the_project_finds_another_network(tmp_path):
    folder = unpacked(tmp_path, "parity", "int8")
    assert "PASS: 256 of 256" in run("make", "-s", "test", folder=folder)
    source = folder / "network.c"
    source.write_text(
        re.sub(r"(_bias\[2\] IN_FLASH = \{\n +)[^,]+", r"\g<1>9.0f", source.read_text())
    )
    with pytest.raises(AssertionError, match=r"FAIL: \d+ of 256"):
        run("make", "-s", "test", folder=folder)


def test_what_is_no_number_gets_no_answer(tmp_path):
    program = Program(network_of(ModelStore().get("seven-segment"), int8=True), tmp_path)
    x = np.array([[1, 1, np.nan, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, np.inf], [1] * 7], np.float32)
    answers, probabilities = program.predict(x)
    assert answers.tolist() == [-1, -1, 8]
    assert not probabilities[:2].any()


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        ("seven-segment", "int8"),
        ("seven-segment", "float"),
        ("shapes", "int8"),
        ("next-number", "int8"),
        ("handwritten-tiny", "int8"),
    ],
)
def test_a_cortex_m4_gives_the_same_answers_and_needs_what_is_promised(name, weights, tmp_path):
    need(*CROSS)
    folder = unpacked(tmp_path, name, weights)
    assert "PASS" in run("make", "-s", "emulate", folder=folder)
    printed = run("make", "-s", "size", folder=folder)
    text, data, bss = (int(number) for number in printed.splitlines()[-1].split()[:3])
    needs = microcontroller_needs(ModelStore().get(name), int8=weights == "int8")
    assert 1500 < text + data - needs.constants < 4500  # the code: 2 to 4 kB, as pages say
    assert needs.ram <= data + bss < needs.ram + 500  # what the C library has besides
    flags = ["-std=c99", "-Os", "-mcpu=cortex-m4", "-mthumb", "-fstack-usage", "-c"]
    run("arm-none-eabi-gcc", *flags, "network.c", folder=folder)
    frames = [line.split("\t") for line in (folder / "network.su").read_text().splitlines()]
    assert {kind for _, _, kind in frames} == {"static"}
    assert sum(int(size) for _, size, _ in frames) < needs.stack - 100  # for expf and its kind


@pytest.mark.parametrize("pins", [0, 1])
@pytest.mark.parametrize("name", ["seven-segment", "shapes"])
def test_the_sketch_is_an_arduino_program(name, pins, tmp_path):
    folder = unpacked(tmp_path, name, "int8")
    sketch = (folder / f"{name}.ino").read_text()
    write(
        folder,
        {
            "Arduino.h": ARDUINO,
            "sketch.cpp": '#include "Arduino.h"\n'
            + sketch.replace("#define READ_PINS 0", f"#define READ_PINS {pins}"),
        },
    )
    flags = ["-std=c++11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only"]
    run("g++", *flags, "sketch.cpp", folder=folder)


ARDUINO = """
#pragma once
enum { LOW, HIGH, INPUT };
void pinMode(int, int);
int digitalRead(int);
void delay(unsigned long);
struct Stream {
  void begin(unsigned long);
  void setTimeout(unsigned long);
  int available();
  int read();
  int peek();
  float parseFloat();
  void print(const char *);
  void print(double, int);
  void println();
};
extern Stream Serial;
"""
HOSTILE = (
    '"; system("x"); //',
    "??/",
    "*/ #error",
    "/* \\",
    "\u202eevil\u2066",
    "é\n1",
    "%s%n",
    "",
    "a" * 400,
    "`|<b>`",
)


def test_names_stay_names(tmp_path):
    model = ModelStore().get("seven-segment")
    network = network_of(model, int8=True)
    made = network_of_steps(
        network.steps, int8=network.int8, class_names=HOSTILE, name=HOSTILE[2], title=HOSTILE[0]
    )
    assert Program(made, tmp_path / "a").names() == HOSTILE
    table = replace(
        model.task,
        name="table-0123456789abcdef",
        title="".join(HOSTILE),
        classes=HOSTILE,
        channel=None,
        features=HOSTILE[:7],
    )
    stranger = SimpleNamespace(
        name="../x y/" + "z" * 99,
        task=table,
        card=model.card,
        calibration=Calibration(),
        summary=HOSTILE[9],
    )
    files = project_files(stranger, made, {"Accuracy": HOSTILE[9]})
    folder = next(iter(files)).partition("/")[0]
    assert re.fullmatch(r"[A-Za-z0-9-]{1,60}", folder)
    assert {path.partition("/")[0] for path in files} == {folder}
    readme = files[f"{folder}/README.md"].decode()
    assert "<b>" not in readme
    assert "\u202e" not in readme
    assert "random numbers" in readme  # no row of a person's table leaves with it
    write(tmp_path, files)
    source = tmp_path / folder
    run("gcc", *STRICT, "-fsyntax-only", "network.c", "test/test.c", folder=source)


def test_the_same_model_gives_the_same_zip_file_with_what_was_measured():
    model = ModelStore().get("parity")
    one, other = (make(model, FORMATS["c-int8"], silent) for _ in range(2))
    assert one.data == other.data
    with zipfile.ZipFile(BytesIO(one.data)) as archive:
        readme = archive.read("parity/README.md").decode()
    assert "| Accuracy | 100.00 % of 256 (numbers of eight bits), exactly |" in readme
    assert "| Same answer with both | 256 of 256 |" in readme
    assert "| Constants in flash | 1,168 bytes" in readme  # 640 weights, 66 scales, 66 biases
    assert "| Multiplications | 640 for one answer |" in readme
    assert any("100.00 % of 256" in note for note in one.notes)


def test_the_accuracy_is_that_of_the_rounded_weights():
    model = ModelStore().get("parity")
    steps = plan_of(model)
    last = replace(steps[-1], bias=np.array([99, 0], np.float32))  # even, whatever it is
    found = int8_accuracy(model, steps, [*steps[:-1], last], silent)
    assert (found.before.correct, found.after.correct, found.same) == (256, 128, 128)


def test_what_cannot_be_written_gets_a_sentence():
    with pytest.raises(InvalidInput, match="ensemble has no network"):
        make(ModelStore().get("handwritten-ensemble"), FORMATS["c-float"], silent)
    steps = plan_of(ModelStore().get("parity"))
    broken = replace(steps[0], bias=np.full_like(steps[0].bias, np.nan))
    with pytest.raises(ModelUnusable, match="no numbers"):
        network_of_steps([broken, *steps[1:]])


def test_the_bundled_network_for_microcontrollers_fits_into_twelve_kilobytes():
    assert (
        microcontroller_needs(ModelStore().get("handwritten-tiny"), int8=True).constants <= 12_000
    )
