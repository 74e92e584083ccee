import dataclasses

import pytest

from core.tasks.base import get_task
from ui.train.downloads import name_of_task


@pytest.mark.parametrize(
    ("title", "name"),
    [("Äpfel & Birnen 2026.csv", "apfel-birnen-2026-csv"), ("***", "table"), ("x" * 80, "x" * 40)],
)
def test_a_model_of_a_table_is_called_by_its_title(title, name):
    assert name_of_task(dataclasses.replace(get_task("iris"), title=title)) == name


def test_a_model_of_a_built_in_task_is_called_by_its_name():
    assert name_of_task(get_task("gestures")) == "gestures"
