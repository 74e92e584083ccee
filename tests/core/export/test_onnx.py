"""ONNX files, checked by onnx itself and answered by ONNX Runtime."""

import json

import numpy as np
import onnx
import onnxruntime
import pytest

from core.errors import InvalidInput
from core.export.formats import FORMATS, make
from core.models.loader import load_classifier
from core.models.store import ModelStore

NETWORKS = [model.name for model in ModelStore().models() if not model.is_ensemble]


def ignore(note, done=0, total=0):
    pass


@pytest.mark.keras
@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_it_answers_as_the_app_does_and_says_what_its_answers_mean(name):
    model = ModelStore().get(name)
    data = make(model, FORMATS["onnx"], ignore).data
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    (x,), (y,) = session.get_inputs(), session.get_outputs()
    task = model.task
    assert x.shape == ["batch", *task.input_shape]
    assert (y.name, y.shape) == ("probabilities", ["batch", len(task.classes)])
    assert x.name == ("image" if len(task.input_shape) == 3 else task.example)
    examples = task.available_source().examples(300).x
    for batch in (examples, examples[:1]):
        (answers,) = session.run(None, {x.name: batch})
        np.testing.assert_allclose(answers, load_classifier(model).predict(batch), atol=1e-4)
    described = {entry.key: entry.value for entry in onnx.load_from_string(data).metadata_props}
    assert json.loads(described["classes"]) == list(task.classes)
    assert (described["task"], described["model"]) == (task.name, name)
    assert float(described["temperature"]) == model.calibration.temperature


def test_an_ensemble_is_refused_with_a_sentence():
    with pytest.raises(InvalidInput, match="take its members one by one"):
        make(ModelStore().get("handwritten-ensemble"), FORMATS["onnx"], ignore)
