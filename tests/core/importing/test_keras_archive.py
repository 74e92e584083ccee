"""Hostile `.keras` files: each is refused with a sentence before anything of Keras sees it."""

import io
import json
import sys
import zipfile

import pytest

from core.errors import InvalidInput
from core.importing import keras_archive
from core.importing.keras_archive import CONFIG, METADATA, WEIGHTS, checked
from core.importing.uploaded import clean_name, kind_of
from core.models.store import ModelStore
from core.networks.formats import KERAS_FILE

BUNDLED = [model for model in ModelStore().models() if not model.is_ensemble]


@pytest.fixture(scope="module")
def parts():
    """The parts of a harmless file."""
    data = ModelStore().get("seven-segment").read(KERAS_FILE)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts, compression=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in parts.items() if isinstance(parts, dict) else parts:
            archive.writestr(name, content)
    return out.getvalue()


def with_layer(parts, **entry):
    """Returns a file with one more layer."""
    config = json.loads(parts[CONFIG])
    config["config"]["layers"].append(entry)
    return packed(parts | {CONFIG: json.dumps(config)})


def with_setting(parts, key, value):
    """Returns a file whose last layer has one setting more, or another."""
    config = json.loads(parts[CONFIG])
    config["config"]["layers"][-1]["config"][key] = value
    return packed(parts | {CONFIG: json.dumps(config)})


@pytest.mark.parametrize("model", BUNDLED, ids=lambda model: model.name)
def test_networks_of_the_usual_layers_pass_without_what_only_training_needs(model):
    data = model.read(KERAS_FILE)
    assert kind_of(data) == "keras"
    found = keras_archive.config_of(checked(data))
    assert "compile_config" not in found
    assert "Dense" in keras_archive.layer_names(found)


def function(module, name):
    return {
        "module": module,
        "class_name": "function",
        "config": name,
        "registered_name": "function",
    }


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        (
            {
                "module": "keras.layers",
                "class_name": "Lambda",
                "registered_name": None,
                "config": {"function": {"class_name": "__lambda__", "config": {"code": "4wEA"}}},
            },
            "Lambda",
        ),
        ({"module": "mine", "class_name": "Dense", "registered_name": "Mine>Dense"}, "Mine>Dense"),
        (
            {"module": "keras.layers", "class_name": "Dense", "registered_name": "Mine>Dense"},
            "Mine>Dense",
        ),
        ({"module": "os", "class_name": "system", "config": "true"}, "system"),
        ({"module": "posix", "class_name": "function", "config": "system"}, "posix"),
        ({"module": "builtins", "class_name": "eval", "config": "1"}, "builtins"),
        ({"module": "keras.layers", "class_name": "TFSMLayer", "config": {}}, "TFSMLayer"),
        (
            {"module": "keras.layers", "class_name": "TorchModuleWrapper", "config": {}},
            "TorchModuleWrapper",
        ),
        (
            {
                "module": "keras.layers",
                "class_name": "StringLookup",
                "config": {"vocabulary": "/etc/passwd"},
            },
            "StringLookup",
        ),
        ({"module": "keras.utils", "class_name": "get_file", "config": {}}, "get_file"),
        ({"module": "keras.src.ops.core", "class_name": "Map", "config": {}}, "Map"),
        ({"class_name": "Dense", "config": {}}, "Dense (from nowhere)"),
        ({"class_name": ["Dense"], "module": "keras.layers"}, "Dense"),
        ({"class_name": "Dense", "module": ["keras.layers"]}, "Dense"),
        ({"module": "os"}, "os"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_whatever_could_run_code_or_fetch_is_refused_by_name(parts, entry, named):
    with pytest.raises(InvalidInput, match="could run code of its own or fetch") as told:
        checked(with_layer(parts, **entry))
    assert named.split(" (")[0] in str(told.value)
    # Deep inside another layer, too.
    with pytest.raises(InvalidInput, match="could run code of its own or fetch"):
        checked(with_setting(parts, "kernel_initializer", {"x": [[{"y": entry}]]}))


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("activation", function("os", "system"), "could run code"),
        ("activation", "system", "could run code"),
        ("recurrent_activation", "mine>gate", "could run code"),
        ("units", 10**9, "units = 1e\\+09"),
        ("units", float("nan"), "units = nan"),
        ("target_shape", [10, 10**7], "target_shape"),
        ("dtype", "mixed_float16", "float32"),
        (
            "dtype",
            {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float16"}},
            "float32",
        ),
    ],
)
def test_settings_that_are_functions_or_too_large_are_refused(parts, key, value, said):
    with pytest.raises(InvalidInput, match=said):
        checked(with_setting(parts, key, value))


def test_a_network_that_is_a_class_of_its_own_is_refused(parts):
    for wrong in ({"class_name": "MyModel", "module": "mine"}, {"class_name": ["MyModel"]}):
        config = json.loads(parts[CONFIG]) | wrong
        with pytest.raises(InvalidInput, match="MyModel"):
            checked(packed(parts | {CONFIG: json.dumps(config)}))


def test_a_description_without_end_is_refused(parts):
    deep = "[" * 500 + "]" * 500
    for text in (
        deep,
        '{"class_name":' * 100_000,
        '{"class_name": "Sequential", "config": ' + deep + "}",
    ):
        with pytest.raises(InvalidInput):
            checked(packed(parts | {CONFIG: text}))
    wide = json.dumps({"class_name": "Sequential", "module": "keras", "config": [0] * 300_000})
    with pytest.raises(InvalidInput, match="longer"):
        checked(packed(parts | {CONFIG: wide}))


@pytest.mark.parametrize("name", [CONFIG, METADATA, WEIGHTS])
def test_a_bomb_is_not_unpacked(parts, name):
    bomb = packed(parts | {name: bytes(70_000_000)}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 200_000
    with pytest.raises(InvalidInput, match="when it is unpacked"):
        checked(bomb)
    # Nor one that claims to be small.
    place = bomb.rfind(name.encode()) - 46
    lying = bytearray(bomb)
    lying[place + 24 : place + 28] = (100).to_bytes(4, sys.byteorder)
    with pytest.raises(InvalidInput):
        checked(bytes(lying))


@pytest.mark.parametrize("name", ["../evil.py", "/etc/passwd", "assets/a.txt", "a\\..\\b", "x.py"])
def test_other_files_inside_are_refused(parts, name):
    with pytest.raises(InvalidInput, match="files inside the file"):
        checked(packed(parts | {name: b"x"}))


def test_parts_that_are_missing_or_there_twice_are_refused(parts):
    for name in parts:
        with pytest.raises(InvalidInput, match="no Keras network"):
            checked(packed({key: parts[key] for key in parts if key != name}))
        with pytest.warns(UserWarning, match="Duplicate"):
            twice = packed([*parts.items(), (name, b"{}")])
        with pytest.raises(InvalidInput, match="no Keras network"):
            checked(twice)


def test_a_file_that_is_cut_off_or_damaged_is_refused(parts):
    whole = packed(parts)
    for data in (
        whole[:-10],
        whole[: len(whole) // 2],
        b"PK\x03\x04",
        whole.replace(b"Dense", b"Danse"),
    ):
        with pytest.raises(InvalidInput):
            checked(data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no network"),
        (b"a text that is called network.keras", "no network"),
        (b"\x89HDF\r\n\x1a\n" + bytes(100), "model.save"),
        (b"GIF89a", "no network"),
        (bytes(20_000_001), "20 MB"),
    ],
)
def test_what_a_file_is_is_told_by_its_content(data, said):
    with pytest.raises(InvalidInput, match=said):
        kind_of(data)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("mine.keras", "mine.keras"),
        ("/etc/../mine.keras", "mine.keras"),
        ("C:\\secret\\mine.keras", "mine.keras"),
        ("a'; rm -rf ~ #.keras", "a_ rm -rf _ _.keras"),
        ("a\n[x](y).keras", "a_x_(y).keras"),
        ("", "unnamed"),
        ("é" * 100, "é" * 60),
    ],
)
def test_a_file_s_name_is_no_path_and_no_command(name, kept):
    assert clean_name(name) == kept
