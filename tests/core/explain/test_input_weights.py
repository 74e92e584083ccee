import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from core.errors import ModelUnusable
from core.explain.input_weights import input_importance
from core.models.store import ModelStore
from core.networks.formats import KERAS_FILE, LITERT_FILE
from tests.support.models import card_of_ensemble, save_copy

REPOSITORY = Path(__file__).resolve().parents[3]
WEIGHTS = np.outer([1, -2, 0, 1, 4, -1, 1], [1, -1, 2]).astype(np.float32)  # (7, 3)
SHARES = [0.1, 0.2, 0, 0.1, 0.4, 0.1, 0.1]


def keras_file(weights, path="layers/dense/vars/0", kind="Dense"):
    """Returns a saved network of one layer with these weights."""
    layers = [{"class_name": kind, "config": {"name": "one"}}]
    config = {"class_name": "Sequential", "config": {"layers": layers}}
    inner, outer = io.BytesIO(), io.BytesIO()
    with h5py.File(inner, "w") as file:
        file[path] = weights
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", inner.getvalue())
    return outer.getvalue()


@pytest.fixture
def store(tmp_path):
    return ModelStore(tmp_path)


def save(store, data, name="made"):
    bundled = ModelStore().get("seven-segment")
    return store.save(
        name, {KERAS_FILE: data, LITERT_FILE: bundled.read(LITERT_FILE)}, bundled.card
    )


def test_shares_are_those_of_the_absolute_weights(store):
    found = input_importance(save(store, keras_file(WEIGHTS)))
    assert found.shape == (7,)
    assert found.dtype == np.float64
    assert found == pytest.approx(np.array(SHARES))


def test_an_ensemble_is_the_mean_of_its_members(store):
    members = [
        save(store, keras_file(WEIGHTS), "first"),
        save(store, keras_file(np.ones((7, 2), np.float32)), "second"),
    ]
    card = card_of_ensemble(*members, task="seven-segment")
    found = input_importance(store.save("both", {}, card))
    assert found == pytest.approx((np.array(SHARES) + 1 / 7) / 2)


def test_weights_that_are_all_zero_count_nothing(store):
    found = input_importance(save(store, keras_file(np.zeros((7, 4), np.float32))))
    assert found.tolist() == [0] * 7


def test_the_bundled_network_is_read(store):
    found = input_importance(save_copy(store, "seven-segment", "copy"))
    assert found.sum() == pytest.approx(1)
    assert (found > 0.05).all()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no archive",
        keras_file(WEIGHTS)[:-40],
        keras_file(WEIGHTS, path="layers/conv2d/vars/0"),
        keras_file(WEIGHTS, path="layers/dense/vars/0/deeper"),
        keras_file(WEIGHTS[:6]),
        keras_file(WEIGHTS[:, 0]),
        keras_file(np.full((7, 2), np.nan, np.float32)),
        keras_file("text"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_a_sentence(store, data):
    with pytest.raises(ModelUnusable, match="made: "):
        input_importance(save(store, data))


def test_a_file_that_has_gone_is_refused_with_a_sentence(store):
    model = save(store, keras_file(WEIGHTS))
    (model.folder / KERAS_FILE).unlink()
    with pytest.raises(ModelUnusable, match="cannot be read"):
        input_importance(model)


def test_the_file_is_read_without_tensorflow_and_its_library_only_when_asked():
    code = (
        "import sys; from core.explain import input_weights;"
        "from core.models.store import ModelStore;"
        "print('h5py' in sys.modules);"
        "input_weights.input_importance(ModelStore().get('seven-segment'));"
        "print('h5py' in sys.modules, 'tensorflow' in sys.modules, 'keras' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "True", "False", "False"]
