"""Notebooks of runs: valid for Jupyter, and executed from the first cell to the last."""

import dataclasses
import os
import re
from itertools import pairwise

import nbformat
import pytest
from nbclient import NotebookClient

from core.export.notebook import notebook
from core.export.run_code import NOTEBOOK, SCRIPT
from core.metrics.accuracy import Accuracy
from core.models.store import ModelStore
from core.networks.architecture import Architecture
from core.tasks.base import get_task, tasks
from core.training.config import TrainingConfig
from core.training.history import History

TINY = TrainingConfig(
    task="seven-segment",
    source="generated",
    architecture=Architecture((16,)),
    epochs=2,
    batch_size=1000,
    share=0.2,
    noise="flip",
    noise_level=0.1,
    seed=3,
)
NOTHING = History(2)


def cells(config, *figures, **options):
    document = nbformat.reads(notebook(config, NOTHING, figures, **options), as_version=4)
    nbformat.validate(document)
    return document.cells


@pytest.mark.parametrize("task", tasks())
def test_every_recipe_becomes_a_valid_notebook_whose_cells_are_code(task):
    for recipe in get_task(task).recipes:
        config = TrainingConfig.from_recipe(get_task(task), recipe)
        for before, cell in pairwise(cells(config)):
            if cell.cell_type == "code":
                compile(cell.source, "cell", "exec")
                assert before.cell_type == "markdown"  # each is explained


def test_it_holds_what_the_run_uses_and_says_what_to_expect():
    text = "\n".join(cell.source for cell in cells(TINY, Accuracy("clean patterns", 9, 10)))
    for word in ("Augmentation", "cv2", "The learning rate", "load_model(“", "Digit Lab's modules"):
        assert word not in text
    assert "clean patterns" in text
    assert "Only 20 %" in text
    config = dataclasses.replace(TINY, schedule="cosine", noise="any")
    text = "\n".join(cell.source for cell in cells(config, model="mine"))
    for word in ("The learning rate", 'load_model("mine.keras")', "Digit Lab makes this data"):
        assert word in text


@pytest.mark.keras
@pytest.mark.slow
def test_it_runs_from_the_first_cell_to_the_last_and_comes_to_the_run_s_accuracy(
    tmp_path, monkeypatch
):
    from core.training.fit import train

    expected = train(TINY).card.figures
    document = nbformat.reads(notebook(TINY, NOTHING), as_version=4)
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.delenv("MPLBACKEND", raising=False)  # would keep pictures out of the notebook
    NotebookClient(document, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in document.cells for output in cell.get("outputs", ())]
    printed = "".join(output.get("text", "") for output in outputs)
    found = re.findall(r": (\d+) of (\d+) right", printed)
    assert [(int(a), int(b)) for a, b in found] == [(e.correct, e.total) for e in expected]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) == 3  # examples, curves, confusions
    assert not [output for output in outputs if output.output_type == "error"]
    assert os.path.getsize(tmp_path / "my-network.keras")


def test_a_saved_model_s_notebook_trains_as_long_as_its_run_did():
    store = ModelStore()
    whole = store.get("seven-segment")
    assert f"EPOCHS = {whole.config.epochs}\n" in str(NOTEBOOK.make(whole), "utf-8").replace(
        "\\n", "\n"
    )
    for ending, kept, epochs in (("stopped", 4, 4), ("stopped", 0, 3), ("diverged", 2, 3)):
        card = whole.card.with_entries(ending=ending, epochs_done=3, kept_epoch=kept)
        model = dataclasses.replace(whole, card=card)
        assert f"for epoch in range({epochs}):" in SCRIPT.make(model).decode()
    tuned = whole.card.with_entries(fine_tuned={"samples": {"learned": 5}})
    for each in (NOTEBOOK, SCRIPT):
        assert not each.unavailable(whole)
        assert "handwriting" in each.unavailable(dataclasses.replace(whole, card=tuned))
        assert "members" in each.unavailable(store.get("handwritten-ensemble"))
