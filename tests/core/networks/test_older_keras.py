"""Our Keras files in older releases of Keras."""

import dataclasses
import io
import json
import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from core.models.refresh import refresh
from core.models.store import ModelStore
from core.networks.architecture import Architecture
from core.networks.formats import KERAS_FILE
from core.networks.older_keras import OLDEST, opens_in_older
from core.training.config import TrainingConfig
from tests.support.keras_releases import RELEASES, release
from tests.support.models import save_copy

BUNDLED = [model for model in ModelStore().models() if not model.is_ensemble]
DENSE = TrainingConfig(
    task="seven-segment",
    source="generated",
    architecture=Architecture((16, 8), 0.3, True, activation="gelu"),
    epochs=1,
    batch_size=1000,
    l2=0.001,
    seed=7,
)
FRESH = {
    "dense": DENSE,
    "convolutional": dataclasses.replace(
        DENSE,
        task="shapes",
        l2=0.0,
        share=0.1,
        architecture=Architecture(
            (16,), 0.2, True, filters=(4, 8), downsampling="pool", output="linear"
        ),
    ),
    "recurrent": dataclasses.replace(
        DENSE,
        task="next-number",
        source="rules",
        share=0.1,
        architecture=Architecture((), recurrent=(8, 8), cell="gru"),
    ),
}
ELSEWHERE = """
import json
import sys
from pathlib import Path

import keras
import numpy as np

differences = {}
for path in sorted(Path(sys.argv[1]).glob("*.keras")):
    network = keras.models.load_model(path)
    asked = np.load(path.with_suffix(".npz"))
    answers = keras.ops.convert_to_numpy(network(asked["x"], training=False))
    differences[path.stem] = float(abs(answers - asked["y"]).max())
print(json.dumps([keras.__version__, differences]))
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Every bundled network and a fresh one of each kind, with inputs and this Keras' answers."""
    import keras

    from core.networks.keras_files import read_network
    from core.training.fit import train

    folder = tmp_path_factory.mktemp("networks")
    networks = {model.name: model.read(KERAS_FILE) for model in BUNDLED}
    for kind, config in FRESH.items():
        networks[f"fresh-{kind}"] = train(config, test=False).files[KERAS_FILE]
    for name, data in networks.items():
        (folder / f"{name}.keras").write_bytes(data)
        network = read_network(data)
        x = np.random.default_rng(0).random((8, *network.input_shape[1:])).astype(np.float32)
        np.savez(
            folder / f"{name}.npz", x=x, y=keras.ops.convert_to_numpy(network(x, training=False))
        )
    return folder


@pytest.mark.keras
@pytest.mark.slow
@pytest.mark.parametrize("version", RELEASES)
def test_every_network_opens_in_an_older_keras_and_answers_the_same(version, files, request):
    assert RELEASES[0] == OLDEST
    folder = release(version, request.config.cache.mkdir("keras-releases"))
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, files],
        env={
            **os.environ,
            "PYTHONPATH": str(folder),
            "KERAS_BACKEND": "tensorflow",
            "TF_CPP_MIN_LOG_LEVEL": "3",
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    opened, differences = json.loads(done.stdout.splitlines()[-1])
    assert opened == version
    assert len(differences) == len(BUNDLED) + len(FRESH)
    assert max(differences.values()) < 1e-5, differences


def archive(**settings):
    """A Keras file of one layer with these settings."""
    config = {"module": "keras.layers", "class_name": "X", "config": settings}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        file.writestr("config.json", json.dumps(config))
        file.writestr("model.weights.h5", b"weights")
    return written.getvalue()


def settings_in(data):
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert file.read("model.weights.h5") == b"weights"
        return json.loads(file.read("config.json"))["config"]


def test_only_settings_that_change_nothing_are_left_out():
    plain = {"units": 3, "bias_constraint": None, "momentum": 0.9}
    newer = {"quantization_config": None, "renorm": False, "renorm_momentum": 0.9}
    assert settings_in(opens_in_older(archive(**plain, **newer))) == plain
    used = {"quantization_config": {"mode": "int8"}, "renorm": True, "renorm_momentum": 0.9}
    assert settings_in(opens_in_older(archive(**used))) == used
    untouched = archive(**plain)
    assert opens_in_older(untouched) is untouched
    with pytest.raises(ValueError, match="no Keras file"):
        opens_in_older(b"PK")


def test_a_model_of_an_earlier_version_is_written_anew_and_answers_as_before(tmp_path):
    store = ModelStore(tmp_path)
    model = save_copy(store, "parity", "mine")
    assert not refresh(store, model)  # a bundled one is as it should be
    data = model.read(KERAS_FILE)
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        config = json.loads(file.read("config.json"))
        weights = file.read("model.weights.h5")
    config["config"]["layers"][1]["config"]["quantization_config"] = None
    old = io.BytesIO()
    with zipfile.ZipFile(old, "w") as file:
        file.writestr("config.json", json.dumps(config))
        file.writestr("model.weights.h5", weights)
    before = save_copy(store, "parity", "mine", replace=True, keras=old.getvalue())
    assert refresh(store, before)
    after = store.get("mine")
    with zipfile.ZipFile(io.BytesIO(after.read(KERAS_FILE))) as file:
        assert file.read("model.weights.h5") == weights
        assert b"quantization_config" not in file.read("config.json")
    assert after.version == before.version
    changed = dict(after.card.entries) | {"files": None}
    assert changed == dict(before.card.entries) | {"files": None}


def test_the_bundled_files_are_as_they_should_be():
    for model in BUNDLED:
        data = model.read(KERAS_FILE)
        assert opens_in_older(data) is data, f"python -m core refresh {model.name}"
