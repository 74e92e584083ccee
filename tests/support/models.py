"""Models for tests: copies of bundled ones under other names, and ensembles of them."""

from core.models.store import ModelStore
from core.networks.formats import KERAS_FILE, LITERT_FILE
from core.training.card import parse_card


def save_copy(store, bundled, name, **changes):
    """Saves a bundled model under another name, with some of its card's entries changed."""
    model = ModelStore().get(bundled)
    files = {file: model.read(file) for file in (KERAS_FILE, LITERT_FILE)}
    files[KERAS_FILE] = changes.pop("keras", files[KERAS_FILE])
    options = {key: changes.pop(key) for key in ("replace", "owner") if key in changes}
    return store.save(name, files, model.card.with_entries(**changes), **options)


def card_of_network(**changes):
    """Returns the card of a bundled seven-segment network, with some entries changed."""
    return ModelStore().get("seven-segment").card.with_entries(**changes)


def card_of_ensemble(*members, **changes):
    """Returns the card of an ensemble on which nothing was measured."""
    return parse_card(
        {
            "task": "handwritten",
            "source": "built-in",
            "vote": "mean",
            "members": [{"name": member.name, "version": member.version} for member in members],
            "figures": [],
            "calibration": None,
            "command": "python -m core ensemble",
            **changes,
        }
    )


def imported_card(bundled, *, layers=True, **changes):
    """Returns a bundled model's card as if its network came from outside, and its files."""
    model = ModelStore().get(bundled)
    names = (KERAS_FILE, LITERT_FILE) if layers else (LITERT_FILE,)
    card = parse_card(
        {
            **{name: model.card.entries[name] for name in ("task", "figures", "calibration")},
            "source": "built-in" if model.card.task == "handwritten" else model.card.source,
            "parameters": model.card.parameters,
            "command": "python -m core import 'mine.keras' --task handwritten --data built-in",
            "imported": {
                "file": "mine.keras",
                "sha256": "0" * 64,
                "format": "keras" if layers else "litert",
                "layers": "2 × Conv2D, Flatten, 2 × Dense",
                "kind": "convolutional",
                "findings": ["It reads values of 0 to 255: ours are converted before."],
            },
            **changes,
        }
    )
    return card, {name: model.read(name) for name in names}
