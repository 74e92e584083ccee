import dataclasses
import io
import os
from itertools import combinations

import numpy as np
import pytest
from scipy.io import savemat

from core.datasets import uploads
from core.errors import DataUnavailable, InvalidInput
from core.noise.base import GAUSSIAN, SALT_AND_PEPPER
from core.segments.bayes import ceiling, mixed
from core.segments.channels import BIT_FLIP
from core.segments.patterns import CLEAN
from core.tasks.base import get_task, tasks
from core.tasks.handwritten import _builtin

SEGMENTS = get_task("seven-segment")
DIGITS = get_task("handwritten")


def test_each_task_keeps_its_promises():
    names = ["seven-segment", "handwritten", "course-lab", "handwritten-signs"]
    names += ["even-odd", "parity", "shapes", "next-number", "gestures", "iris", "wine"]
    assert list(tasks()) == names
    for task in tasks().values():
        if task.needs_own_samples:
            continue
        source = task.available_source()
        noise = task.noises[0]
        dataset = task.sources[-1].load(noise, 0.1, 3)
        for split in (dataset.train, dataset.validation, *dataset.tests.values()):
            assert split.x.shape[1:] == task.input_shape
            assert split.x.dtype == "float32"
            if task.table is None:
                assert split.x.min() >= 0
                assert split.x.max() <= 1
            assert set(split.y) == set(range(len(task.classes)))
        assert len(source.examples(100)) <= 100
        assert task.picture(dataset.train.x[0]).dtype == "uint8"


def test_the_task_with_signs_has_the_digits_data_and_nothing_to_train_from_scratch():
    signs = get_task("handwritten-signs")
    assert signs.classes == (*"0123456789", "sign A", "sign B")
    assert signs.sources == DIGITS.sources
    assert signs.needs_own_samples
    assert (dict(signs.architectures), signs.recipes) == ({}, ())


def test_the_parts_of_the_built_in_digits_share_no_picture():
    dataset = get_task("handwritten").source("built-in").load(None, 0.0, 0)
    (test,) = dataset.tests.values()
    parts = [{x.tobytes() for x in split.x} for split in (dataset.train, dataset.validation, test)]
    assert sum(map(len, parts)) == len(set().union(*parts))
    assert sum(len(split) for split in (dataset.train, dataset.validation, test)) == 1797


@pytest.mark.parametrize("kind", ["noise", "source", "architecture", "recipe"])
def test_an_unknown_name_is_answered_with_those_there_are(kind):
    with pytest.raises(InvalidInput, match="There is"):
        getattr(get_task("handwritten"), kind)("nonsense")


@pytest.mark.parametrize(("task", "source"), [("shapes", "generated"), ("gestures", "generated")])
def test_generated_examples_are_never_there_twice_and_noise_leaves_the_clean_ones(task, source):
    data = get_task(task).source(source).load(get_task(task).noises[0], 0.2, 1)
    (_, noisy), (_, clean) = data.tests.items()
    plain = get_task(task).source(source).load(None, 0.0, 0)
    parts = [{x.tobytes() for x in split.x} for split in (plain.train, plain.validation, clean)]
    assert sum(map(len, parts)) == len(set().union(*parts))
    assert sum(map(len, parts)) == sum(map(len, (plain.train, plain.validation, clean)))
    assert (noisy.x != clean.x).any(axis=tuple(range(1, clean.x.ndim))).mean() > 0.9
    assert (noisy.y == clean.y).all()


def test_inputs_have_as_many_names_as_there_are():
    with pytest.raises(ValueError, match="a name for each of 8 inputs"):
        dataclasses.replace(get_task("parity"), features=("bit",))


def test_with_no_number_held_out_the_clean_test_is_the_whole_world():
    task = get_task("parity")
    whole = task.source("all").load(None, 0.0, 0)
    (test,) = whole.tests.values()
    assert test.exhaustive
    assert len({x.tobytes() for x in test.x}) == 256
    half = task.source("half").load(None, 0.0, 0)
    (test,) = half.tests.values()
    assert not test.exhaustive
    learned, judged = ({x.tobytes() for x in split.x} for split in (half.train, test))
    assert not learned & judged


def test_an_unknown_task_is_answered_with_those_there_are():
    with pytest.raises(InvalidInput, match="There is: seven-segment, handwritten"):
        get_task("chess")


@pytest.mark.parametrize("task", tasks().values(), ids=lambda task: task.name)
def test_names_can_stand_in_urls_and_commands(task):
    names = [task.name, *task.architectures]
    names += [part.name for part in (*task.sources, *task.noises, *task.recipes)]
    for name in names:
        assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-:,/"), name
    assert "none" not in {noise.name for noise in task.noises}


def test_the_networks_are_those_that_were_promised():
    usual = SEGMENTS.architecture("64-32")
    assert (usual.hidden, usual.dropout, usual.batch_norm) == ((64, 32), 0.3, True)
    dense, cnn = DIGITS.architecture("dense"), DIGITS.architecture("cnn")
    assert (dense.hidden, dense.dropout, dense.filters) == ((128, 64), 0.2, ())
    assert (cnn.hidden, cnn.dropout, cnn.filters) == ((128,), 0.5, (32, 64))


def test_segment_data_are_as_large_and_as_noisy_as_was_promised():
    dataset = SEGMENTS.source("generated").load(BIT_FLIP, 0.15, 5)
    assert np.bincount(dataset.train.y).tolist() == [2200] * 10
    assert len(dataset.validation) == 4_400
    noisy, clean = dataset.tests.values()
    assert len(noisy) == 11_000
    likelihood = mixed((10, BIT_FLIP.likelihood(0.15)), (1, BIT_FLIP.likelihood(0)))
    assert noisy.best_accuracy == ceiling(likelihood)
    assert clean.exhaustive
    assert (clean.x == CLEAN).all()
    for split in (dataset.train, dataset.validation, noisy):
        wrong = (split.x != CLEAN[split.y]).mean()
        spread = 4 * np.sqrt(0.15 * 0.85 / split.x.size)
        assert wrong == pytest.approx(0.15 * 10 / 11, abs=spread)


@pytest.mark.parametrize("level", [0.0, 0.3])
def test_segment_data_without_noise_are_clean_whatever_the_level(level):
    dataset = SEGMENTS.source("generated").load(None, level, 0)
    assert (dataset.train.x == CLEAN[dataset.train.y]).all()
    assert list(dataset.tests) == ["clean patterns"]


def test_the_seed_decides_the_noise_and_nothing_else():
    load = DIGITS.source("built-in").load
    first, again, other = (load(GAUSSIAN, 0.2, seed) for seed in (1, 1, 2))
    clean = load(None, 0.0, 0)
    assert (first.train.x == again.train.x).all()
    assert (first.train.x != other.train.x).any()
    assert (first.train.y == other.train.y).all()  # the split is the same for every seed
    words = list(first.tests)
    assert words == ["built-in test images with gaussian noise at 0.2", "built-in test images"]
    assert (first.tests[words[1]].x == clean.tests[words[1]].x).all()


def test_each_part_has_noise_of_its_own():
    load = DIGITS.source("built-in").load
    noisy, clean = load(SALT_AND_PEPPER, 0.5, 1), load(None, 0.0, 0)
    parts = [
        (noisy.train.x[:200], clean.train.x[:200]),
        (noisy.validation.x[:200], clean.validation.x[:200]),
        (next(iter(noisy.tests.values())).x[:200], next(iter(clean.tests.values())).x[:200]),
    ]
    for first, second in combinations(parts, 2):
        dark = (first[1] == 0) & (second[1] == 0)
        same = (first[0] == second[0])[dark].mean()
        assert same < 0.9  # 0.625 by chance, 1 for the same random numbers


def test_the_built_in_digits_are_split_the_same_way_in_every_process():
    before = DIGITS.source("built-in").load(None, 0.0, 0)
    _builtin.cache_clear()
    after = DIGITS.source("built-in").load(None, 0.0, 0)
    assert before.train.x is not after.train.x
    assert (before.train.x == after.train.x).all()
    assert (before.validation.y == after.validation.y).all()


def test_a_noise_without_a_level_leaves_pictures_alone():
    load = DIGITS.source("built-in").load
    assert (load(None, 0.3, 0).train.x == load(GAUSSIAN, 0.0, 0).train.x).all()


def test_the_best_data_set_that_is_there_is_taken(monkeypatch, tmp_path):
    path = tmp_path / "mnist.npz"
    monkeypatch.setenv("MNIST_PATH", str(path))
    assert DIGITS.available_source().name == "built-in"
    path.touch()  # a file with nothing in it is no data set either
    assert DIGITS.available_source().name == "built-in"
    assert "not a readable MNIST file" in str(DIGITS.source("mnist").missing())
    np.savez(path, y_test=np.zeros(10_000, np.uint8))
    assert DIGITS.available_source().name == "mnist"


def test_the_course_lab_has_the_same_digits_in_fewer_pixels():
    large = DIGITS.source("built-in").load(None, 0.0, 0)
    small = get_task("course-lab").source("built-in").load(None, 0.0, 0)
    assert small.train.x.shape == (len(large.train), 20, 20, 1)
    assert np.array_equal(small.train.y, large.train.y)
    assert list(small.tests) == ["built-in test images at 20x20 pixels"]


def test_an_uploaded_file_is_split_and_found_by_its_name(monkeypatch, tmp_path):
    monkeypatch.setenv("DIGIT_LAB_UPLOADS", str(tmp_path))
    task = get_task("course-lab")
    file = io.BytesIO()
    labels = np.arange(1000)[:, None] % 10 + 1
    savemat(file, {"X": np.random.default_rng(0).random((1000, 400)), "y": labels})
    name = uploads.keep(file.getvalue())
    assert uploads.keep(file.getvalue()) == name
    source = task.source(name)
    assert source.missing() is None
    dataset = source.load(None, 0.0, 0)
    (test,) = dataset.tests.values()
    assert [len(part) for part in (dataset.train, dataset.validation, test)] == [700, 100, 200]
    assert np.bincount(test.y).tolist() == [20] * 10
    (tmp_path / name).unlink()
    assert "upload it again" in task.source(name).missing()
    with pytest.raises(InvalidInput, match="no data set"):
        SEGMENTS.source(name)


def test_an_upload_goes_along_to_a_worker_on_another_machine(monkeypatch, tmp_path):
    monkeypatch.setenv("DIGIT_LAB_UPLOADS", str(tmp_path / "here"))
    name = uploads.keep(b"examples")
    carried = uploads.to_carry(name)
    monkeypatch.setenv("DIGIT_LAB_UPLOADS", str(tmp_path / "there"))
    assert uploads.to_carry(name) is None
    uploads.unpack(carried)
    assert uploads.content(name) == b"examples"
    uploads.unpack(uploads.to_carry("mnist"))
    assert [path.name for path in (tmp_path / "there").iterdir()] == [name]


def test_only_so_many_uploads_are_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("DIGIT_LAB_UPLOADS", str(tmp_path))
    monkeypatch.setattr(uploads, "MAX_KEPT", 3)
    names = []
    for number in range(5):
        names.append(uploads.keep(bytes([number])))
        os.utime(tmp_path / names[-1], (number, number))
    uploads.keep(b"one more")
    assert {path.name for path in tmp_path.iterdir()} >= set(names[3:])
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("name", ["upload-../../etc/passwd", "upload-", "mnist", "upload-XYZ"])
def test_no_other_file_is_read_as_an_upload(name):
    assert not uploads.is_upload(name)
    with pytest.raises(DataUnavailable, match="not the name"):
        uploads.content(name)


@pytest.mark.parametrize(
    ("task", "words"),
    [
        ("next-number", "0 7 4 1 8 5"),
        (
            "iris",
            "sepal length (cm) 5.1, sepal width (cm) 3.5, petal length (cm) 1.4, petal width (cm)"
            " 0.2",
        ),
    ],
)
def test_an_example_whose_picture_does_not_tell_is_written(task, words):
    task = get_task(task)
    assert task.written(task.available_source().examples(1).x[0]) == words
