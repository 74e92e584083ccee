"""A saved model as one HTML file that needs neither a server nor the internet.

The network's weights stand in it as text, and its JavaScript computes the answers: the clean-up of
a drawing, the network, the vote of an ensemble, and the calibration, as in `core.inference`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from core.errors import DigitLabError, LimitReached
from core.export.format import QuickFormat
from core.export.page_data import NetworkEntry, PageData, entries_of, weight_bytes
from core.export.page_forms import examples_of, form_of
from core.export.plans import needs_plan, plan_of
from core.metrics.accuracy import Accuracy, percent
from core.models.saved_model import SavedModel
from core.models.store import ModelStore
from core.networks.plan import Step, parameters
from core.training.card import EnsembleCard

MAX_BYTES = 3_000_000
_REST = 130_000  # bytes of everything but the weights, at most
_CHARACTERS = {4: 16 / 3, 3: 4}  # of base64, for a weight of so many bytes
MAX_WEIGHTS = int((MAX_BYTES - _REST) / _CHARACTERS[3])

_FOLDER = Path(__file__).parent / "templates" / "html_page"
# A page holds of these what its form needs, in this order.
_ALWAYS = ("numbers.js", "network.js", "answer.js", "elements.js")
_OF_A_FORM = {
    "segments": ("form_segments.js",),
    "sheet": ("pen.js", "cleanup.js", "form_sheet.js"),
    "switches": ("form_switches.js",),
    "digits": ("form_digits.js",),
    "grid": ("form_grid.js",),
    "hand": ("hands.js", "form_hand.js"),
    "columns": ("hands.js", "form_columns.js"),
    "numbers": ("form_numbers.js",),
}


def html_page(model: SavedModel) -> bytes:
    """Returns the file, in UTF-8.

    Args:
        model: a network, or an ensemble whose members are in the folder beside it.

    Raises:
        ModelUnusable: if a file is gone or damaged, or a layer cannot be written so.
        LimitReached: if it would have more than MAX_BYTES.
    """
    members = _members(model)
    plans = [plan_of(each) for each in members]
    weights = sum(map(parameters, plans))
    if weights > MAX_WEIGHTS:
        raise LimitReached(_too_large(weights))
    bytes_each: Literal[3, 4] = 4 if weights * _CHARACTERS[4] + _REST <= MAX_BYTES else 3
    page = _rendered(model, _data(model, members, plans, bytes_each), plans)
    if len(page) > MAX_BYTES:
        raise LimitReached(_too_large(weights))
    return page


def unavailable(model: SavedModel) -> str:
    """Says why a model cannot be given as a page; empty if it can, as far as its card tells."""
    try:
        members = _members(model)
    except DigitLabError as error:
        return str(error)
    for each in members:
        if why := needs_plan(each):
            return f"{each.name}: {why}" if model.is_ensemble else why
    weights = sum(each.card.parameters or 0 for each in members)
    return _too_large(weights) if weights > MAX_WEIGHTS else ""


HTML = QuickFormat(
    name="html",
    title="HTML page",
    ending=".html",
    mime="text/html",
    unavailable=unavailable,
    make=html_page,
)


def _members(model: SavedModel) -> tuple[SavedModel, ...]:
    """Returns the networks that answer: the model itself, or an ensemble's members."""
    if not model.is_ensemble:
        return (model,)
    store = ModelStore(model.folder.parent)
    return tuple(store.get(name) for name in model.members)


def _too_large(weights: int) -> str:
    return (
        f"Its {weights:,} weights would make the page larger than {MAX_BYTES / 1e6:.0f} MB."
        f" At most {MAX_WEIGHTS:,} fit."
    )


def _data(
    model: SavedModel,
    members: Sequence[SavedModel],
    plans: Sequence[Sequence[Step]],
    bytes_each: Literal[3, 4],
) -> PageData:
    networks, start = [], 0
    for member, plan in zip(members, plans, strict=True):
        steps, start = entries_of(plan, start)
        networks.append(NetworkEntry(steps=steps, temperature=member.calibration.temperature))
    card, task = model.card, model.task
    is_ensemble = isinstance(card, EnsembleCard)
    return PageData(
        classes=task.classes,
        not_read=_not_read(task.classes),
        networks=tuple(networks),
        bytes_each=bytes_each,
        vote=card.vote if isinstance(card, EnsembleCard) else "mean",
        vote_weights=model.weights,
        shifts=card.shifts,
        temperature=model.calibration.temperature if is_ensemble else 1.0,
        threshold=model.calibration.threshold,
        input_shape=task.input_shape,
        form=form_of(task),
        examples=examples_of(task),
    )


def _not_read(classes: Sequence[str]) -> str:
    if all(map(str.isdigit, classes)):
        return "a digit"
    return "a digit or one of your signs" if "sign A" in classes else "any of the classes"


def _rendered(model: SavedModel, data: PageData, plans: Sequence[Sequence[Step]]) -> bytes:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
    )
    script = _script(data.form.kind)
    style = (_FOLDER / "page.css").read_text(encoding="utf-8")
    kinds = {step.kind: None for network in data.networks for step in network.steps}
    return (
        environment.get_template("page.html.j2")
        .render(
            name=model.name,
            title=model.task.title,
            description=model.task.description,
            form=data.form.kind,
            script=Markup(script),  # our own files, and JSON that is escaped
            style=Markup(style),
            script_hash=_hash(script),
            style_hash=_hash(style),
            data=Markup(_json(data)),
            weights=base64.b64encode(weight_bytes(plans, data.bytes_each)).decode(),
            summary=model.summary,
            parameters=sum(map(parameters, plans)),
            kinds=list(kinds),
            accuracies=[_accuracy(figure) for figure in model.figures],
            refused=[str(rate) for rate in model.calibration.refused],
            accepted=[str(rate) for rate in model.calibration.accepted],
            threshold=model.calibration.threshold,
            created=(model.card.created or "")[:10],
            is_ensemble=model.is_ensemble,
        )
        .encode()
    )


def _accuracy(figure: Accuracy) -> tuple[str, str]:
    """Returns an accuracy, and what it was measured on with its interval."""
    count = f"{figure.data}: {figure.correct:,} of {figure.total:,} right"
    if figure.exhaustive:
        return percent(figure.value), f"{count}; these are all there are"
    low, high = figure.interval
    words = f"{count}; 95 % confidence interval {percent(low)} to {percent(high)}"
    if figure.best is not None:
        words += f"; the best possible is {percent(figure.best)}"
    return percent(figure.value), words


@cache
def _script(form: str) -> str:
    files = (*_ALWAYS, *_OF_A_FORM[form], "page.js")
    texts = ["\n".join((_FOLDER / file).read_text(encoding="utf-8") for file in files)]
    return '"use strict";\n' + "".join(texts)


def _hash(text: str) -> str:
    """Returns what a browser compares an inline script or style with (Content Security Policy)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _json(data: PageData) -> str:
    """Writes JSON that ends no script element, whatever names stand in it."""
    written = json.dumps(
        data.model_dump(mode="json", by_alias=True, exclude_none=True),
        ensure_ascii=False,
        allow_nan=False,
        separators=(",", ":"),
    )
    return written.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
