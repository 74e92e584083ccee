"""A Plotly chart that is updated in place: no blank frame, and zoom and hover stay.

`st.plotly_chart` rebuilds its chart at every change, which flickers when a curve moves several
times a second. Here the browser keeps one chart and gives each new figure to `Plotly.react`.
"""

import functools
import importlib.metadata
import importlib.util
import math
import os
import shutil
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from ui.components.source import source

STATIC_FOLDER = Path(__file__).resolve().parents[2] / "static"  # Streamlit serves it at app/static

# A browser keeps a file without a stated lifetime for a tenth of its age. The file's name holds the
# version, so it never changes; a date this old (1 January 2000) keeps it for over two years.
_LONG_AGO = 946_684_800

_HTML = """
<div class="digit-lab-plot">
  <div class="digit-lab-plot-graph" role="img" aria-live="off"></div>
  <img class="digit-lab-plot-picture" alt="" hidden>
  <p class="digit-lab-plot-description"></p>
  <p class="digit-lab-plot-message" hidden></p>
</div>
"""

_mount = st.components.v2.component(
    "digit_lab_plot",
    html=_HTML,
    css=source("plot.css"),
    js=source("plot.js"),
    isolate_styles=False,  # Plotly adds its styles to the page, where no shadow root sees them
)


class Figure(Protocol):
    """The part of `plotly.graph_objects.Figure` that is needed, without importing it."""

    def to_dict(self) -> dict[str, Any]:
        """Returns the figure as `{"data": [...], "layout": {...}}`."""
        ...


def plot(
    figure: Figure | Mapping[str, Any],
    *,
    key: str,
    label: str,
    height: int = 320,
    description: str = "",
    on_click: bool = False,
) -> Mapping[str, Any] | None:
    """Shows a Plotly figure and, when called again with the same key, changes it in place.

    Colours, font and grid follow Streamlit's theme in the browser, so a figure sets only what
    differs. A colour may be one of the theme's, such as `"var(--st-primary-color)"`, or one from a
    list of them: `"var(--st-chart-categorical-colors)[2]"`.

    Args:
        figure: A Plotly figure, or the same as a dict, `{"data": [...], "layout": {...}}`, which
            saves the server the import of Plotly. Arrays may be NumPy arrays of any dtype; values
            that are not finite become gaps. A changed `layout.uirevision` resets the zoom. A point
            whose `customdata` is a PNG as a data URL shows it under the mouse or finger.
        key: The chart's identity. The same key at the next run is the same chart.
        label: The name a screen reader gives the chart, such as "Accuracy by epoch".
        height: In CSS pixels, reserved before the chart is drawn. Defaults to 320.
        description: What the chart shows, in a sentence for screen readers. Defaults to none.
        on_click: Whether a click on a point or a cell is reported. A keyboard cannot click there,
            so put widgets beside the chart that do the same. Defaults to False.

    Returns:
        What was just clicked, in one run only: "x" and "y" as in the figure, "curve", the name of
        the trace or "", "point", the point's index in it (row and column in a heat map), and the
        point's "customdata" or None. None if nothing was clicked.

    Raises:
        TypeError: if the figure holds something that Plotly cannot draw.
    """
    content = {
        "figure": (figure_to_json(figure),),
        "label": label,
        "description": description,
        "height": height,
        "script": _script_url(),
        "clicks": on_click,
    }
    result = _mount(key=key, data=content, height=height, on_clicked_change=lambda: None)
    clicked = result.get("clicked") if on_click else None
    return clicked if isinstance(clicked, Mapping) else None


def figure_to_json(figure: Figure | Mapping[str, Any]) -> dict[str, Any]:
    """Returns a figure as plain lists, dicts, numbers and text that are valid JSON.

    The layout's template is left out: the browser adds one that fits the theme.

    Raises:
        TypeError: if the figure holds something that JSON cannot hold.
    """
    content = figure if isinstance(figure, Mapping) else figure.to_dict()
    layout = dict(content.get("layout", {}))
    layout.pop("template", None)
    return {"data": _plain(content.get("data", [])), "layout": _plain(layout)}


@functools.cache
def plotly_script() -> Path:
    """Returns the path of `plotly.min.js` in the installed Plotly, without importing it.

    Raises:
        FileNotFoundError: if Plotly is missing or has no script.
    """
    package = importlib.util.find_spec("plotly")
    for folder in (package.submodule_search_locations or []) if package else []:
        script = Path(folder) / "package_data" / "plotly.min.js"
        if script.is_file():
            return script
    raise FileNotFoundError("Expected an installed plotly with package_data/plotly.min.js.")


@functools.cache
def ensure_plotly_script(folder: Path) -> Path | None:
    """Copies Plotly's script into `folder`, once per server, and returns the copy's path.

    Streamlit serves that folder, so the browser downloads the 5 MB once and keeps them. The copy
    appears whole or not at all, even if others write it at the same time.

    Returns:
        The path, with Plotly's version in its name, or None when `folder` cannot be written.
    """
    source = plotly_script()
    target = folder / f"plotly-{importlib.metadata.version('plotly')}.min.js"
    try:
        if not (target.is_file() and target.stat().st_size == source.stat().st_size):
            folder.mkdir(parents=True, exist_ok=True)
            _copy_whole(source, target)
    except OSError:
        return None
    return target


def _copy_whole(source: Path, target: Path) -> None:
    """Copies a file so that nobody ever reads half of it."""
    with tempfile.NamedTemporaryFile(
        dir=target.parent, prefix="plotly-", suffix=".tmp", delete=False
    ) as file:
        copy = Path(file.name)
    try:
        shutil.copyfile(source, copy)
        copy.chmod(0o644)
        os.utime(copy, (_LONG_AGO, _LONG_AGO))
        copy.replace(target)
    finally:
        copy.unlink(missing_ok=True)


def _script_url() -> str:
    """Returns the address of Plotly's script, relative to the app's root."""
    context = get_script_run_ctx(suppress_warning=True)
    folder = Path(context.main_script_path).resolve().parent / "static" if context else None
    if folder == STATIC_FOLDER and st.get_option("server.enableStaticServing"):
        script = ensure_plotly_script(STATIC_FOLDER)
        if script is not None:
            return f"app/static/{script.name}"
    if not runtime.exists():
        return ""
    # If the app runs from another folder or a read-only one, the server's memory holds the script.
    manager = runtime.get_instance().media_file_mgr
    url = manager.add(str(plotly_script()), "text/javascript", "digit_lab_plot.script")
    return url.lstrip("/")


def _plain(value: Any) -> Any:
    """Returns a part of a figure as JSON types, with None for numbers that are not finite."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):  # NumPy's float64 is one too
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple | range):
        return [_plain(part) for part in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, np.datetime64):
        return str(value)
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, np.ndarray):
        return _plain_array(value)
    if hasattr(value, "to_numpy"):  # a pandas Series or Index
        return _plain_array(value.to_numpy())
    raise TypeError(
        "Expected numbers, text, dates, lists, arrays or dicts in a figure. "
        f"Received: {type(value).__name__}"
    )


def _plain_array(array: np.ndarray) -> Any:
    """Returns an array as nested lists, a fast path for long curves."""
    if array.dtype.kind == "f":
        finite = np.isfinite(array)
        if not finite.all():
            array = array.astype(object)
            array[~finite] = None
        return array.tolist()
    if array.dtype.kind == "M":
        return array.astype(str).tolist()
    return array.tolist() if array.dtype.kind in "biuSU" else _plain(array.tolist())
