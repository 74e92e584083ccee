"""The plot's Python side: the figure's JSON, Plotly's script, and the mounted component."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.support.app_test import app_from_file
from ui.components import plot as plot_module
from ui.components.plot import ensure_plotly_script, figure_to_json, plotly_script

APP = """
import streamlit as st
from ui.components.plot import plot

level = st.slider("Level", 0.0, 0.5, 0.1)
figure = {"data": [{"type": "bar", "y": [level, float("nan")]}]}
plot(figure, key="bars", label="Two bars", description="One is a gap.", height=200)
"""


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    ensure_plotly_script.cache_clear()
    yield
    ensure_plotly_script.cache_clear()


def first_trace(**trace: Any) -> dict[str, Any]:
    converted = figure_to_json({"data": [trace]})
    json.dumps(converted, allow_nan=False)  # fails on what the browser could not read
    return converted["data"][0]


# ---- The figure as JSON


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (np.array([1.0, np.nan, np.inf, -np.inf]), [1.0, None, None, None]),
        (np.array([0.5, np.nan], dtype=np.float32), [0.5, None]),
        (np.array([[1.0, np.nan], [2.0, 3.0]]), [[1.0, None], [2.0, 3.0]]),
        (np.arange(3, dtype=np.uint8), [0, 1, 2]),
        (np.array([True, False]), [True, False]),
        (np.array(["a", "b"]), ["a", "b"]),
        (np.array([1, "a", np.nan, None], dtype=object), [1, "a", None, None]),
        (np.array(["2024-01-01"], dtype="datetime64[D]"), ["2024-01-01"]),
        (np.array([]), []),
        (np.array(2.5), 2.5),
        ([float("nan"), np.float64(2.0), np.float32("inf"), np.int64(3)], [None, 2.0, None, 3]),
        ([date(2024, 1, 2), np.datetime64("2024-01-03")], ["2024-01-02", "2024-01-03"]),
        (range(3), [0, 1, 2]),
        (pd.Series([1.0, np.nan]), [1.0, None]),
    ],
)
def test_numbers_become_plain_and_gaps_become_null(given: Any, expected: Any) -> None:
    assert first_trace(y=given)["y"] == expected


def test_what_plotly_cannot_draw_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="Received: object"):
        first_trace(y=[object()])


def test_the_template_is_left_to_the_browser_and_the_given_figure_is_not_changed() -> None:
    figure = {"data": [], "layout": {"template": {"layout": {}}, "xaxis": {"range": [0, np.inf]}}}
    assert figure_to_json(figure) == {"data": [], "layout": {"xaxis": {"range": [0, None]}}}
    assert "template" in figure["layout"]


def test_a_plotly_figure_gives_the_same_as_a_dict() -> None:
    figure = go.Figure(go.Bar(y=[1, 2]), {"title": {"text": "Two"}, "template": "plotly_dark"})
    assert figure_to_json(figure) == {
        "data": [{"type": "bar", "y": [1, 2]}],
        "layout": {"title": {"text": "Two"}},
    }


def test_a_plotly_figure_of_arrays_is_valid_json() -> None:
    figure = go.Figure(go.Scatter(x=pd.date_range("2024", periods=2), y=np.array([1.0, np.nan])))
    json.dumps(figure_to_json(figure), allow_nan=False)


def test_a_dict_needs_no_plotly_module() -> None:
    code = """
import sys
import streamlit  # it imports Plotly by itself where that is installed
for name in [name for name in sys.modules if "plotly" in name]:
    del sys.modules[name]
from ui.components.plot import figure_to_json, plotly_script
plotly_script()
figure_to_json({"data": [{"y": [1]}]})
sys.exit(any(name.split(".")[0] == "plotly" for name in sys.modules))
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])


# ---- Plotly's script


def test_the_script_is_copied_once_under_a_name_with_the_version(tmp_path: Path) -> None:
    script = ensure_plotly_script(tmp_path / "static")
    assert script is not None
    assert script.name.startswith("plotly-")
    assert script.read_bytes() == plotly_script().read_bytes()
    assert [path.name for path in script.parent.iterdir()] == [script.name]
    assert script.stat().st_mtime < 1_000_000_000  # old, so that browsers keep it for long


def test_a_damaged_copy_is_replaced_and_a_good_one_is_left(tmp_path: Path) -> None:
    script = ensure_plotly_script(tmp_path)
    assert script is not None
    script.write_text("half a scr")
    ensure_plotly_script.cache_clear()
    assert ensure_plotly_script(tmp_path) == script
    assert script.stat().st_size == plotly_script().stat().st_size

    inode = script.stat().st_ino
    ensure_plotly_script.cache_clear()
    ensure_plotly_script(tmp_path)
    assert script.stat().st_ino == inode


def test_a_folder_that_cannot_be_written_gives_none(tmp_path: Path) -> None:
    (tmp_path / "static").write_text("a file where the folder should be")
    assert ensure_plotly_script(tmp_path / "static") is None


def test_a_copy_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(source: Path, target: Path) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(shutil, "copyfile", no_space)
    assert ensure_plotly_script(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


# ---- The component


def mounted(app: AppTest) -> Any:
    assert not app.exception
    return app.get("bidi_component")[0].proto


def app_in(folder: Path) -> AppTest:
    (folder / "app.py").write_text(APP)
    return app_from_file(folder / "app.py")


def test_the_browser_gets_the_figure_and_its_names(tmp_path: Path) -> None:
    component = mounted(app_in(tmp_path).run())
    data = json.loads(component.json)
    assert data["figure"][0] == {"data": [{"type": "bar", "y": [0.1, None]}], "layout": {}}
    assert (data["label"], data["description"]) == ("Two bars", "One is a gap.")
    assert data["height"] == 200
    assert not component.isolate_styles


def test_new_data_is_the_same_component(tmp_path: Path) -> None:
    app = app_in(tmp_path).run()
    before = mounted(app).id
    app.slider[0].set_value(0.3).run()
    assert mounted(app).id == before
    assert json.loads(mounted(app).json)["figure"][0]["data"][0]["y"][0] == 0.3


def test_the_script_comes_from_the_static_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plot_module, "STATIC_FOLDER", tmp_path.resolve() / "static")
    monkeypatch.setattr(st, "get_option", lambda name: True)
    address = json.loads(mounted(app_in(tmp_path).run()).json)["script"]
    assert address.startswith("app/static/plotly-")
    assert (tmp_path / address.removeprefix("app/")).is_file()


@pytest.mark.parametrize("reason", ["static serving is off", "the folder cannot be written"])
def test_without_a_static_folder_the_script_comes_from_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    monkeypatch.setattr(plot_module, "STATIC_FOLDER", tmp_path.resolve() / "static")
    monkeypatch.setattr(st, "get_option", lambda name: reason != "static serving is off")
    (tmp_path / "static").write_text("a file where the folder should be")
    address = json.loads(mounted(app_in(tmp_path).run()).json)["script"]
    assert "media/" in address
    assert not address.startswith("/")
