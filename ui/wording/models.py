"""A saved model in a sentence or two."""

from __future__ import annotations

from core.evaluation.model_comparison import kind_of
from core.metrics.accuracy import Accuracy, ExactAccuracy, percent
from core.models.saved_model import SavedModel
from core.text import listed
from ui.wording.cards import source_words
from ui.wording.measured import interval_words, measured_on, percent_on

UNKNOWN_TRAINING = (
    "Nobody here knows what it has learned from: it may have seen these test examples before, and"
    " then its accuracy says too much."
)


def model_in_short(model: SavedModel, exact: ExactAccuracy | None = None) -> str:
    """Returns one plain sentence: how good the model is.

    Args:
        model: the model.
        exact: its accuracy on its task's usual noise, where theory gives it. Defaults to unknown.
    """
    complete = [figure for figure in model.figures if figure.exhaustive]
    sampled = [figure for figure in model.figures if not figure.exhaustive]
    clauses = [_of_all(figure) for figure in complete]
    if exact is not None:
        noise, _, level = exact.data.rpartition(" at ")
        clauses.append(
            f"right on {percent(exact.value, 1)} at noise {level} ({noise}), where"
            f" {percent(exact.best, 1)} is the best possible"
        )
    elif sampled:
        first, *others = sampled
        said = [f"{percent(first.value, 1)} right {measured_on(first)}", *map(percent_on, others)]
        clauses.append(listed(said))
    sentence = "; ".join(clauses) or "its accuracy was not measured"
    return f"{sentence[0].upper()}{sentence[1:]}."


def where_it_comes_from(model: SavedModel) -> str:
    """Returns one plain sentence: what kind of network it is, and what it learned from."""
    if model.is_ensemble:
        return f"{len(model.members)} networks that vote: {listed(model.members)}."
    kind = kind_of(model).capitalize()
    count = model.card.parameters
    words = f"{kind} network" + (f" with {count:,} weights" if count is not None else "")
    tuned = model.card.fine_tuned
    if tuned and tuned.base:
        return f"{words}: “{tuned.base.name}”, taught a person's handwriting."
    if model.is_imported:
        return f"{words}, from outside: nobody here knows what it learned from."
    source = source_words(model.task, model.card.source)
    if not source.split()[0].isupper():  # MNIST keeps its capitals
        source = f"{source[:1].lower()}{source[1:]}"
    words += f", trained on {source}"
    noise, level = model.noise
    if noise is not None and level:
        words += f" with the noise “{noise.title}” at {level:g}"
    if model.config.augmentation.active:
        words += ", each picture bent and moved a little at random (augmentation)"
    return f"{words}."


def whose(model: SavedModel, person: str) -> str:
    """Says in a word or two whose a model is, for a list.

    Args:
        model: the model.
        person: the visitor's id.
    """
    if model.is_bundled:
        return "Digit Lab"
    if model.belongs_to(person):
        return "yours"
    return "nobody" if model.owner is None else "somebody else"


def model_details(model: SavedModel, exact: ExactAccuracy | None = None) -> str:
    """Returns what is inside the model, and its accuracies with their intervals.

    Args:
        model: the model.
        exact: as for `model_in_short`.
    """
    figures = [f"{percent_on(figure, 2)}{_interval(figure)}." for figure in model.figures]
    if exact is not None:
        figures.insert(0, f"{percent_on(exact, 2)}.")
    return " ".join([f"{model.summary}. Accuracy:", *figures]) if figures else f"{model.summary}."


def _of_all(figure: Accuracy) -> str:
    """Says how many of all possible examples are classified correctly."""
    if figure.data != "clean patterns":
        found = f"{figure.correct:,} of all {figure.total:,} {figure.data}"
        return f"reads {found}"
    if figure.correct == figure.total:
        return "reads every clean digit"
    return f"reads {figure.correct:,} of the {figure.total:,} clean digits"


def _interval(figure: Accuracy) -> str:
    if figure.exhaustive:
        return ""
    best = "" if figure.best is None else f", best possible on average {percent(figure.best)}"
    return f"{best} (95 % interval {interval_words(figure)})"
