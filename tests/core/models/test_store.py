import json
import os
import re
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import numpy as np
import pytest

from core.datasets import mnist
from core.errors import (
    InvalidInput,
    ModelExists,
    ModelProtected,
    ModelUnusable,
    NotYourModel,
)
from core.inference.predictor import Predictor
from core.metrics.accuracy import accuracy_of
from core.models.loader import load_classifier
from core.models.ownership import OWNER_FILE, owner_of
from core.models.saved_model import BUNDLED, CARD_FILE
from core.models.store import ModelStore
from core.networks.formats import KERAS_FILE, LITERT_FILE
from core.segments.patterns import CLEAN
from core.tasks.base import get_task
from core.training.card import parse_card
from tests.support.models import card_of_ensemble, card_of_network, save_copy

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture
def files():
    model = ModelStore().get("seven-segment")
    return {name: model.read(name) for name in (KERAS_FILE, LITERT_FILE)}


@pytest.fixture
def card():
    return card_of_network(command="python -m core train")


@pytest.fixture
def store(tmp_path):
    return ModelStore(tmp_path / "models")


def test_what_is_saved_is_found_again(store, files, card):
    saved = store.save("mine", files, card)
    assert store.get("mine") == saved
    assert [model.name for model in store.models("seven-segment")] == ["mine"]
    assert store.models("handwritten") == ()
    assert saved.card.command == "python -m core train --name mine"
    assert load_classifier(saved).predict_one(CLEAN[4]).digit == 4


def test_an_existing_model_is_never_overwritten_unasked(store, files, card):
    store.save("mine", files, card)
    before = (store.root / "mine" / CARD_FILE).read_text()
    with pytest.raises(ModelExists, match="already"):
        store.save("mine", files, card.with_entries(seed=7))
    assert (store.root / "mine" / CARD_FILE).read_text() == before
    assert store.save("mine", files, card.with_entries(seed=7), replace=True).card.seed == 7
    assert store.names() == ("mine",)


@pytest.mark.parametrize("name", ["", "../x", "a/b", "A", "-a", "a" * 61, "ä", ".hidden", "a b"])
def test_names_that_could_do_harm_are_refused(store, files, card, name):
    with pytest.raises(InvalidInput):
        store.save(name, files, card)
    assert store.names() == ()


def test_a_write_that_fails_half_way_leaves_nothing(store, files, card, monkeypatch):
    def full(self, *arguments, **options):
        raise OSError("disk full")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(ModelUnusable, match="disk full"):
        store.save("mine", files, card)
    assert list(store.root.iterdir()) == []


def test_a_replacement_that_fails_leaves_the_old_model(store, files, card, monkeypatch):
    monkeypatch.setattr("core.models.store.exchange", lambda one, other: False)
    store.save("mine", files, card.with_entries(seed=1))
    rename = Path.rename

    def fail_for_the_new_one(self, target):
        if Path(target).name == "mine" and not self.name.endswith("-old"):
            raise OSError("disk gone")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_for_the_new_one)
    with pytest.raises(ModelUnusable, match="disk gone"):
        store.save("mine", files, card.with_entries(seed=2), replace=True)
    assert store.get("mine").card.seed == 1
    assert [entry.name for entry in store.root.iterdir()] == ["mine"]


def replacements(store, files, card, *, number=60):
    """Replaces a model again and again while others look at it; returns what they saw."""
    store.save("mine", files, card)
    over, seen = threading.Event(), []

    def look():
        reader = ModelStore(store.root)
        while not over.is_set():
            found = reader.survey()
            seen.append([model.name for model in found.models])
            seen.extend([folder.reason] for folder in found.unusable)
            seen.append([reader.get("mine").name])

    with ThreadPoolExecutor(3) as pool:
        looking = [pool.submit(look) for _ in range(2)]
        try:
            for seed in range(number):
                store.save("mine", files, card.with_entries(seed=seed), replace=True)
        finally:
            over.set()
        for each in looking:
            each.result()
    assert store.get("mine").card.seed == number - 1
    assert [entry.name for entry in store.root.iterdir()] == ["mine"]
    return seen


def test_there_is_a_model_at_every_moment_of_its_replacement(store, files, card):
    seen = replacements(store, files, card)
    assert seen
    assert all(names == ["mine"] for names in seen)


def test_where_two_folders_cannot_be_exchanged_a_reader_waits_for_the_new_one(
    store, files, card, monkeypatch
):
    monkeypatch.setattr("core.models.store.exchange", lambda one, other: False)
    store.save("mine", files, card.with_entries(seed=1))
    rename = Path.rename

    def rename_with_a_reader(self, target):
        with ThreadPoolExecutor(1) as pool:
            if Path(target).name == "mine":  # which has just given way
                reading = pool.submit(ModelStore(store.root).survey)
                wait([reading], timeout=0.05)
                assert not reading.done()
                renamed = rename(self, target)
                assert [model.card.seed for model in reading.result().models] == [2]
                return renamed
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", rename_with_a_reader)
    store.save("mine", files, card.with_entries(seed=2), replace=True)
    assert store.get("mine").card.seed == 2


def test_an_exchange_that_fails_leaves_the_old_model(store, files, card, monkeypatch):
    def fail(one, other):
        raise OSError("disk gone")

    monkeypatch.setattr("core.models.store.exchange", fail)
    store.save("mine", files, card.with_entries(seed=1))
    with pytest.raises(ModelUnusable, match="disk gone"):
        store.save("mine", files, card.with_entries(seed=2), replace=True)
    assert store.get("mine").card.seed == 1
    assert [entry.name for entry in store.root.iterdir()] == ["mine"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
@pytest.mark.parametrize("file", [CARD_FILE, KERAS_FILE, LITERT_FILE])
def test_a_pipe_in_place_of_a_file_is_not_waited_for(store, files, card, file):
    store.save("mine", files, card)
    (store.root / "mine" / file).unlink()
    os.mkfifo(store.root / "mine" / file)
    (found,) = store.survey().unusable
    assert found.reason.endswith(f"{file} cannot be read (it is not a file).")


def test_a_reason_names_no_path(store, files, card, monkeypatch):
    store.save("mine", files, card)

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("core.models.reader.read_file", refuse)
    (found,) = store.survey().unusable
    assert found.reason == "Its card.json cannot be read (Permission denied)."

    def full(**options):
        raise OSError(28, "No space left on device", str(store.root))

    monkeypatch.setattr("tempfile.mkdtemp", full)
    with pytest.raises(ModelUnusable) as raised:
        store.save("other", files, card)
    assert str(raised.value) == (
        "The models' folder cannot be written to (No space left on device)."
    )


def test_a_folder_that_is_missing_or_cannot_be_read_is_not_called_empty(store, monkeypatch):
    with pytest.raises(ModelUnusable, match="no folder of models"):
        store.check()
    store.root.mkdir()
    store.check()

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("os.listdir", refuse)
    with pytest.raises(ModelUnusable, match=r"cannot be read \(Permission denied\)"):
        store.check()


def test_the_fingerprint_tells_of_every_change(store, files, card):
    marks = {store.fingerprint()}
    store.save("mine", files, card)
    marks.add(store.fingerprint())
    store.save("other", files, card)
    marks.add(store.fingerprint())
    (store.root / "mine" / CARD_FILE).unlink()
    marks.add(store.fingerprint())
    assert len(marks) == 4
    assert store.fingerprint() == store.fingerprint()


def test_folders_are_read_again_only_after_a_change(store, files, card):
    store.save("mine", files, card)
    first = store.current()
    assert [model.name for model in first.models] == ["mine"]
    assert store.current() is first
    store.save("other", files, card)
    assert [model.name for model in store.current().models] == ["mine", "other"]
    (store.root / "mine" / CARD_FILE).unlink()
    assert [folder.name for folder in store.current().unusable] == ["mine"]


def test_the_folders_are_read_once_for_two_who_ask_at_once(store, files, card, monkeypatch):
    store.save("mine", files, card)
    read, started, go_on = [], threading.Event(), threading.Event()
    survey = ModelStore.survey

    def slow(self):
        read.append(self)
        started.set()
        go_on.wait(timeout=30)
        return survey(self)

    monkeypatch.setattr(ModelStore, "survey", slow)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(store.current)
        assert started.wait(timeout=30)
        second = pool.submit(store.current)
        wait([second], timeout=0.2)
        go_on.set()
        assert first.result() is second.result()
    assert len(read) == 1


def test_a_link_that_leads_to_itself_hides_no_model(store, files, card):
    store.save("mine", files, card)
    (store.root / "loop").symlink_to("loop")
    assert store.names() == ("mine",)
    assert [model.name for model in store.current().models] == ["mine"]


def test_damage_done_after_a_model_was_found_is_noticed(store, files, card):
    model = store.save("mine", files, card)
    (model.folder / LITERT_FILE).write_bytes(b"something else")
    with pytest.raises(ModelUnusable, match="damaged"):
        load_classifier(model)


def test_the_default_model_comes_first_and_the_others_by_name(store, files, card):
    for name in ("b", "seven-segment", "a"):
        store.save(name, files, card)
    assert [model.name for model in store.models()] == ["seven-segment", "a", "b"]


def test_a_half_written_model_is_not_listed(store, files, card):
    store.save("mine", files, card)
    (store.root / "mine").rename(store.root / ".saving-x")
    assert store.models() == ()
    assert store.survey().unusable == ()


def corrupt_card(folder):
    (folder / CARD_FILE).write_text('{"task": ')


def list_as_card(folder):
    (folder / CARD_FILE).write_text("[]")


def foreign_task(folder):
    card = json.loads((folder / CARD_FILE).read_text())
    (folder / CARD_FILE).write_text(json.dumps(card | {"task": "chess"}))


def impossible_figures(folder):
    card = json.loads((folder / CARD_FILE).read_text())
    card["figures"][0]["correct"] = 10**9
    (folder / CARD_FILE).write_text(json.dumps(card))


def cut_network(folder):
    data = (folder / LITERT_FILE).read_bytes()
    (folder / LITERT_FILE).write_bytes(data[: len(data) // 2])


def lost_network(folder):
    (folder / KERAS_FILE).unlink()


def no_card(folder):
    (folder / CARD_FILE).unlink()


def deep_card(folder):
    (folder / CARD_FILE).write_text("[" * 100_000)


def endless_layer(folder):
    text = (folder / CARD_FILE).read_text()
    (folder / CARD_FILE).write_text(text.replace('"hidden": [', '"hidden": [Infinity, '))


def endless_figure(folder):
    card = json.loads((folder / CARD_FILE).read_text())
    card["figures"][0]["correct"] = float("inf")
    (folder / CARD_FILE).write_text(json.dumps(card))


def without(entry):
    def lose(folder):
        card = json.loads((folder / CARD_FILE).read_text())
        del card[entry]
        (folder / CARD_FILE).write_text(json.dumps(card))

    lose.__name__ = f"no {entry}"
    return lose


def file_as_card(folder):
    (folder / CARD_FILE).unlink()
    (folder / CARD_FILE).mkdir()


def not_text(folder):
    (folder / CARD_FILE).write_bytes(b"\xff\xfe\x00")


@pytest.mark.parametrize(
    "damage",
    [
        corrupt_card,
        list_as_card,
        foreign_task,
        impossible_figures,
        cut_network,
        lost_network,
        no_card,
        deep_card,
        endless_layer,
        endless_figure,
        file_as_card,
        not_text,
        *map(
            without,
            ["format", "task", "source", "noise", "noise_level", "seed", "command", "figures"],
        ),
    ],
    ids=lambda damage: damage.__name__,
)
def test_a_damaged_model_is_listed_with_the_reason_and_harms_no_other(store, files, card, damage):
    store.save("good", files, card)
    store.save("bad", files, card)
    damage(store.root / "bad")
    assert [model.name for model in store.models()] == ["good"]
    (unusable,) = store.survey().unusable
    assert unusable.name == "bad"
    assert unusable.reason.endswith((".", ")"))
    with pytest.raises(ModelUnusable, match="bad"):
        store.get("bad")


def change_card(folder, changes):
    card = json.loads((folder / CARD_FILE).read_text())
    (folder / CARD_FILE).write_text(json.dumps(card | changes))


def nested(depth):
    return [nested(depth - 1)] if depth else []


FIGURE = {"data": "d", "correct": 1, "total": 2, "exhaustive": False}
# Each of them would break a page for everybody: card by card, whatever kind of model it is of.
WRONG_ENTRIES = [
    {"source": 3},
    {"source": None},
    {"seed": "abc"},
    {"seed": None},
    {"seed": -1},
    {"seed": float("nan")},
    {"seed": True},
    {"noise": None},
    {"noise": "fog"},
    {"noise_level": "much"},
    {"noise_level": 9},
    {"parameters": "many"},
    {"parameters": float("inf")},
    {"parameters": 10**400},
    {"parameters": -1},
    {"training_seconds": "an hour"},
    {"training_seconds": [1]},
    {"epochs_done": {"a": 1}},
    {"examples": 3},
    {"examples": {"train": 10**400}},
    {"versions": [1]},
    {"created": 7},
    {"ending": ["x"]},
    {"command": None},
    {"command": "half a character: \ud800"},
    {"figures": None},
    {"figures": [FIGURE | {"best": "high"}]},
    {"calibration": "none"},
    {"shifts": "no"},
    {"alone": ["a"]},
    {"alone": {"a": [FIGURE | {"correct": float("inf")}]}},
    {"fine_tuned": "yes"},
    {"fine_tuned": {"base": "a"}},
    {"fine_tuned": {"samples": {"learned": "all"}}},
    {"fine_tuned": {"learned": [["a"]]}},
    {"fine_tuned": {"kept_aside": 3}},
    {"extra": nested(60)},
]


@pytest.mark.parametrize("changes", WRONG_ENTRIES, ids=lambda changes: str(changes)[:50])
@pytest.mark.parametrize("kind", ["network", "ensemble"])
def test_a_wrong_entry_of_a_card_is_said(store, files, card, kind, changes):
    voting = [store.save(name, files, card) for name in ("a", "b")]
    if kind == "ensemble":
        store.save("bad", {}, card_of_ensemble(*voting, task="seven-segment"))
    else:
        store.save("bad", files, card)
    change_card(store.root / "bad", changes)
    assert [model.name for model in store.models()] == ["a", "b"]
    (unusable,) = store.survey().unusable
    assert unusable.name == "bad"
    assert unusable.reason


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"seed": "abc"}, 'Expected seed to be a number. Received: "abc"'),
        ({"parameters": "many"}, "its entry 'parameters' is wrong (input should be a valid"),
        ({"parameters": -1}, "is wrong (input should be greater than or equal to 0). Received: -1"),
        ({"seed": 2.5}, "Expected seed to be a whole number"),
        ({"fine_tuned": {"learned": 1}}, "its entry 'fine_tuned.learned' should be a list"),
        ({"format": 2}, "Its card has format 2, not 1."),
    ],
)
def test_what_is_wrong_with_an_entry_is_a_sentence(store, files, card, changes, sentence):
    store.save("bad", files, card)
    change_card(store.root / "bad", changes)
    (unusable,) = store.survey().unusable
    assert sentence in unusable.reason


def test_an_ensemble_without_a_source_is_not_used(store, files, card):
    voting = [store.save(name, files, card) for name in ("a", "b")]
    bare = card_of_ensemble(*voting, task="seven-segment")
    store.save("bad", {}, bare)
    without("source")(store.root / "bad")
    (unusable,) = store.survey().unusable
    assert unusable.reason == "This is not the card of an ensemble: it has no entry 'source'."


def test_cards_that_lack_what_is_not_needed_stay_usable(store, files, card):
    needed = {"task", "source", "architecture", "epochs", "batch_size", "learning_rate"}
    needed |= {"noise", "noise_level", "seed", "figures", "command"}
    old = store.save("old", files, parse_card({name: card.entries[name] for name in needed}))
    assert old.calibration.temperature == 1
    unknown = dict.fromkeys(["parameters", "training_seconds", "created", "calibration"])
    store.save("unknown", files, card.with_entries(**unknown, motto=["anything"]))
    assert store.survey().unusable == ()


def test_what_is_no_folder_and_a_missing_root_are_no_models(tmp_path):
    assert ModelStore(tmp_path / "nowhere").models() == ()
    (tmp_path / "file").write_text("x")
    assert ModelStore(tmp_path).names() == ()
    with pytest.raises(ModelUnusable, match="no model called"):
        ModelStore(tmp_path).get("../../etc")


def test_a_file_that_is_no_network_is_refused():
    with pytest.raises(ModelUnusable):
        Predictor(b"not a network", input_shape=(7,), num_classes=10)


def test_a_network_for_other_inputs_is_refused(files):
    with pytest.raises(ModelUnusable, match="were expected"):
        Predictor(files[LITERT_FILE], input_shape=(28, 28, 1), num_classes=10)


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_models_are_usable_and_say_how_to_make_them_again(name):
    model = ModelStore().get(name)
    assert model.card.command.endswith(f"--name {name}")
    assert model.task.default_model in BUNDLED


def test_the_bundled_segment_network_reads_all_clean_patterns():
    predictor = load_classifier(ModelStore().get("seven-segment"))
    assert predictor.predict(CLEAN).argmax(axis=1).tolist() == list(range(10))


@pytest.mark.skipif(mnist.missing() is not None, reason="MNIST is not on this machine")
@pytest.mark.parametrize(
    ("name", "least"),
    [("handwritten-dense", 0.98), ("handwritten-cnn", 0.992), ("handwritten", 0.993)],
)
def test_cards_tell_what_is_measured_on_mnist(name, least):
    model = ModelStore().get(name)
    (words, test), *_ = get_task("handwritten").source("mnist").load(None, 0.0, 0).tests.items()
    measured = accuracy_of(load_classifier(model).predict(test.x), test, data=words)
    assert measured == model.figures[0]
    assert measured.total == 10_000
    assert measured.value >= least


def test_probabilities_sum_to_one_whatever_the_batch():
    predictor = load_classifier(ModelStore().get("handwritten-cnn"))
    x = np.random.default_rng(0).random((501, 28, 28, 1), dtype=np.float32)
    probabilities = predictor.predict(x)
    assert probabilities.shape == (501, 10)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(501), abs=1e-5)
    assert predictor.predict(x[500:]) == pytest.approx(probabilities[500:], abs=1e-6)


def test_the_list_of_bundled_models_is_what_the_project_keeps():
    kept = re.findall(r"^!saved_models/(.+)/$", (REPOSITORY / ".gitignore").read_text(), re.M)
    assert sorted(kept) == sorted(BUNDLED)


def entries(store):
    return sorted(entry.name for entry in store.root.iterdir())


def test_a_renamed_model_is_whole_and_its_command_makes_it_under_the_new_name(store, files, card):
    old = store.save("mine", files, card)
    new = store.rename("mine", "yours", by=None)
    assert entries(store) == ["yours"]
    assert (new.card.entries["name"], new.version) == ("yours", old.version)
    assert new.card.command == "python -m core train --name yours"
    assert load_classifier(new).predict_one(CLEAN[4]).digit == 4
    assert new.size == sum(len(data) for data in files.values())


@pytest.mark.parametrize("name", ["", "../x", "a/b", "A", ".hidden", "a b", "/tmp/x"])
def test_a_name_that_could_do_harm_is_not_given(store, files, card, name):
    store.save("mine", files, card)
    with pytest.raises(InvalidInput):
        store.rename("mine", name, by=None)
    assert entries(store) == ["mine"]


def test_a_model_cannot_take_the_name_of_another_or_its_own(store, files, card):
    store.save("mine", files, card)
    store.save("other", files, card.with_entries(seed=7))
    for taken in ("mine", "other"):
        with pytest.raises(ModelExists):
            store.rename("mine", taken, by=None)
    assert store.get("other").card.seed == 7
    assert entries(store) == ["mine", "other"]


def test_bundled_names_are_neither_given_nor_taken(store, files, card):
    store.save("mine", files, card)
    store.save("seven-segment", files, card)
    with pytest.raises(ModelProtected, match="kept for"):
        store.rename("mine", "handwritten", by=None)
    with pytest.raises(ModelProtected, match="kept for"):
        store.save("seven-segment-flip", files, card, owner="a visitor")
    for forbidden in (
        lambda: store.rename("seven-segment", "x", by=None),
        lambda: store.delete("seven-segment", by=None),
    ):
        with pytest.raises(ModelProtected, match="comes with Digit Lab"):
            forbidden()
    assert entries(store) == ["mine", "seven-segment"]
    assert store.get("seven-segment").is_bundled
    assert not store.get("mine").is_bundled


@pytest.mark.parametrize("failing", [1, 2])
def test_a_renaming_that_fails_leaves_the_old_model_alone(store, files, card, monkeypatch, failing):
    store.save("mine", files, card)
    rename, calls = Path.rename, []

    def fail_once(self, target):
        calls.append(target)
        if len(calls) == failing:  # first the new one takes its place, then the old one goes
            raise OSError("disk gone")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_once)
    with pytest.raises(ModelUnusable, match="disk gone"):
        store.rename("mine", "yours", by=None)
    assert entries(store) == ["mine"]
    assert store.get("mine").card.entries["name"] == "mine"


def test_a_damaged_model_is_not_renamed(store, files, card):
    store.save("mine", files, card)
    (store.root / "mine" / LITERT_FILE).write_bytes(b"something else")
    with pytest.raises(ModelUnusable, match="damaged"):
        store.rename("mine", "yours", by=None)
    assert entries(store) == ["mine"]


def test_a_deleted_model_leaves_nothing(store, files, card):
    store.save("mine", files, card)
    store.save("other", files, card)
    store.delete("mine", by=None)
    assert entries(store) == ["other"]
    with pytest.raises(ModelUnusable, match="no model"):
        store.delete("mine", by=None)


def test_a_deletion_that_fails_leaves_the_whole_model(store, files, card, monkeypatch):
    store.save("mine", files, card)

    def refuse(self, target):
        raise OSError("read-only")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refuse)
        with pytest.raises(ModelUnusable, match="read-only"):
            store.delete("mine", by=None)
    assert load_classifier(store.get("mine"))


@pytest.mark.parametrize("name", ["", ".", "..", "../outside", "/", "mine/..", ".hidden", "file"])
def test_only_a_model_s_folder_can_be_deleted(store, files, card, tmp_path, name):
    (tmp_path / "outside").mkdir()
    store.save("mine", files, card)
    (store.root / ".hidden").mkdir()
    (store.root / "file").write_text("x")
    with pytest.raises(ModelUnusable, match="no model"):
        store.delete(name, by=None)
    assert entries(store) == [".hidden", "file", "mine"]
    assert (tmp_path / "outside").exists()


def test_a_link_among_the_models_goes_and_what_it_leads_to_stays(store, files, card, tmp_path):
    store.save("mine", files, card)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    (store.root / "Linked folder").symlink_to(outside)
    store.delete("Linked folder", by=None)
    assert entries(store) == ["mine"]
    assert (outside / "precious").exists()


def test_a_folder_that_cannot_be_used_can_be_deleted(store, files, card):
    store.save("mine", files, card)
    no_card(store.root / "mine")
    (store.root / "Not a model").mkdir()
    for name in ("mine", "Not a model"):
        store.delete(name, by=None)
    assert entries(store) == []


def test_a_member_stays_as_long_as_its_ensemble_does(tmp_path):
    store = ModelStore(tmp_path)
    voting = [save_copy(store, "handwritten-dense", name) for name in ("a", "b")]
    store.save("both", {}, card_of_ensemble(*voting))
    assert store.ensembles_with("a") == ("both",)
    for forbidden in (lambda: store.rename("a", "c", by=None), lambda: store.delete("a", by=None)):
        with pytest.raises(ModelProtected, match="votes in both"):
            forbidden()
    renamed = store.rename("both", "pair", by=None)
    assert renamed.members == ("a", "b")
    assert renamed.size == 0
    store.delete("pair", by=None)
    store.delete("a", by=None)
    assert store.names() == ("b",)


ME, SOMEBODY = "0" * 32, "1" * 32  # ids of visitors


@pytest.fixture(params=[SOMEBODY, None], ids=["somebody's", "nobody's"])
def foreign(store, files, card, request):
    """A model that is not the visitor's own."""
    return store.save("foreign", files, card, owner=request.param)


def test_on_a_page_only_the_owner_changes_a_model(store, files, card, foreign):
    before = foreign.owner
    for change in (
        lambda: store.rename("foreign", "mine", by=ME),
        lambda: store.delete("foreign", by=ME),
        lambda: store.save("foreign", files, card, replace=True, owner=ME),
    ):
        with pytest.raises(NotYourModel, match="only whoever saved"):
            change()
    (store.root / "foreign" / CARD_FILE).write_text("damaged")
    with pytest.raises(NotYourModel):
        store.delete("foreign", by=ME)
    assert store.names() == ("foreign",)
    assert owner_of(store.root / "foreign") == before


def test_a_model_stays_whose_it_was(store, files, card):
    store.save("mine", files, card, owner=ME)
    store.save("other", files, card, owner=SOMEBODY)
    store.rename("mine", "better", by=ME)
    store.save("better", files, card.with_entries(seed=7), replace=True, owner=ME)
    store.save("better", files, card.with_entries(seed=8), replace=True)  # the command line
    members = store.get("better"), store.get("other")
    both = store.save(
        "both", {}, card_of_ensemble(*members, task="seven-segment", source="generated"), owner=ME
    )
    assert both.belongs_to(ME)
    found = store.get("better")
    assert found.card.seed == 8
    assert (found.belongs_to(ME), found.belongs_to(SOMEBODY)) == (True, False)
    assert store.get("other").belongs_to(SOMEBODY)
    store.delete("both", by=ME)
    assert store.rename("better", "new", by=None).belongs_to(ME)
    store.delete("new", by=ME)
    assert store.names() == ("other",)


def test_no_file_of_a_model_tells_who_its_owner_is(store, files, card):
    for name in ("one", "two"):
        store.save(name, files, card, owner=ME)
    one, two = ((store.root / name / OWNER_FILE).read_text() for name in ("one", "two"))
    assert ME not in one
    assert one != two  # nor that both belong to one person
    assert json.loads(one).keys() == {"salt", "digest"}
    text = (store.root / "one" / CARD_FILE).read_text()
    assert not any(secret in text for secret in (ME, *json.loads(one).values()))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"salt": 1}', "[" * 5000, "null"])
def test_a_model_whose_owner_cannot_be_read_is_the_command_line_s(store, files, card, content):
    store.save("mine", files, card, owner=ME)
    (store.root / "mine" / OWNER_FILE).write_text(content)
    assert not store.get("mine").belongs_to(ME)
    with pytest.raises(NotYourModel):
        store.delete("mine", by=ME)
    store.rename("mine", "new", by=None)
    store.delete("new", by=None)
