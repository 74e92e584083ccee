"""What a saved model's card must say: the one place where its entries are checked.

A card may come from anywhere. What has passed here can be used by every page and command without
another thought: one wrong entry would else break a page for everybody who opens it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from core.errors import ModelUnusable
from core.inference.calibration import Calibration
from core.metrics.accuracy import Accuracy
from core.tasks.base import get_task
from core.training.config import BOUNDS, TrainingConfig

CARD_FORMAT = 1
# Weights, seconds, examples: more than any network has, and little enough to be added up.
LARGEST = 1e15
MAX_DEPTH = 50  # entries within entries
# Older cards lack some of these; where one is null, it is not known.
_COUNTS = ("parameters", "training_seconds", "epochs_done")
_TEXTS = ("created", "ending")


def check_entries(card: Mapping[str, Any]) -> None:
    """Checks every entry of a card that anything uses, except its files, votes and members.

    Entries that nothing uses are left alone, so that a newer version may add some.

    Args:
        card: as `json.loads` returns it.

    Raises:
        DigitLabError: with a sentence about the first entry that is wrong.
        KeyError, TypeError, ValueError: if it is no card at all.
    """
    # It is shown as it is: what is nested too deeply, or half a character, would end the page.
    _check_depth(card)
    json.dumps(card, ensure_ascii=False).encode()
    if card["format"] != CARD_FORMAT:
        raise ModelUnusable(f"Its card has format {card['format']}, not {CARD_FORMAT}.")
    _check_data(card)
    if "members" not in card:
        TrainingConfig.from_json(card)
    _expect(isinstance(card["command"], str), card, "command", "a text")
    for figure in card["figures"]:
        Accuracy.from_json(figure)
    Calibration.from_json(card.get("calibration"))
    for name in _COUNTS:
        _check_count(card, name)
    for name in _TEXTS:
        _expect(isinstance(card.get(name), str | None), card, name, "a text")
    _check_count(_part(card, "examples"), "train")
    _part(card, "versions")
    _expect(isinstance(card.get("shifts", False), bool), card, "shifts", "true or false")
    for figures in _part(card, "alone").values():
        for figure in figures:
            Accuracy.from_json(figure)
    _check_fine_tuning(card)


def _check_depth(value: Any, left: int = MAX_DEPTH) -> None:
    if not left:
        raise ModelUnusable(f"Its card has entries within entries, more than {MAX_DEPTH} deep.")
    if isinstance(value, Mapping):
        value = list(value.values())
    for inner in value if isinstance(value, list) else ():
        _check_depth(inner, left - 1)


def _check_data(card: Mapping[str, Any]) -> None:
    """Checks what a model learned from; an ensemble need not tell noise and seed."""
    _expect(isinstance(card.get("source"), str), card, "source", "the name of a data set")
    for name in ("noise_level", "seed"):
        if name in card:
            _expect(_is_number(card[name]), card, name, "a number")
            BOUNDS[name].check(name, card[name])
    task, noise = get_task(card["task"]), card.get("noise", "none")
    _expect(isinstance(noise, str), card, "noise", "the name of a noise")
    if noise != "none":
        task.noise(noise).check_level(card.get("noise_level", 0.0))


def _check_fine_tuning(card: Mapping[str, Any]) -> None:
    if "fine_tuned" not in card:
        return
    entry = card["fine_tuned"]
    _expect(isinstance(entry, Mapping), card, "fine_tuned", "an object")
    _part(entry, "base")
    _check_count(_part(entry, "samples"), "learned")
    for name in ("learned", "kept_aside"):
        marks = entry.get(name, [])
        right = isinstance(marks, list) and all(isinstance(mark, str) for mark in marks)
        _expect(right, entry, name, "a list of texts")


def _check_count(card: Mapping[str, Any], name: str) -> None:
    value = card.get(name)
    right = value is None or (_is_number(value) and 0 <= value <= LARGEST)
    _expect(right, card, name, f"a number in 0..{LARGEST:g}")


def _part(card: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Returns a part that has entries of its own; an empty one where it is not known."""
    part = card.get(name)
    _expect(part is None or isinstance(part, Mapping), card, name, "an object")
    return part or {}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _expect(right: bool, card: Mapping[str, Any], name: str, what: str) -> None:
    if right:
        return
    if name not in card:
        raise ModelUnusable(f"Its card does not tell {name!r}, {what}.")
    received = json.dumps(card[name])[:40]
    raise ModelUnusable(f"Its card should tell {what} as {name!r}. Received: {received}")
