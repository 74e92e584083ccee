"""Runs side by side: the settings in which they differ, and their results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.metrics.accuracy import Accuracy, percent
from core.networks.architecture import Architecture
from core.runs.info import MAX_NAME, RunInfo
from core.segments.patterns import ALL_PATTERNS
from core.tasks.base import Task, get_task
from core.tasks.recipe import Recipe
from core.training.config import BOUNDS, CHOICES, TrainingConfig
from core.training.history import History

ENDINGS: Mapping[str, str] = {
    "complete": "all epochs done",
    "stopped": "stopped",
    "early": "stopped early",
    "diverged": "diverged",
}
NO_WORKER = "No worker process is running. Training goes on by itself as soon as one is there."
CHANGED = ", changed"  # how the names of older runs end
_NAMED_CHANGES = 3  # in a run's name; of more, it says how many
_TITLES = {"optimizer": "Optimiser", "schedule": "Schedule"}


def described(config: TrainingConfig) -> dict[str, str]:
    """Returns every setting of a run in a person's words, by title."""
    words = {
        "Task": config.get_task().title,
        "Data": config.get_task().source(config.source).title,
        "Network": config.architecture.summary,
    }
    words |= {_TITLES[name]: choices[getattr(config, name)] for name, choices in CHOICES.items()}
    noise = "none" if config.noise == "none" else get_task(config.task).noise(config.noise).title
    words["Noise"] = noise
    words |= {bounds.title: _number(getattr(config, name)) for name, bounds in BOUNDS.items()}
    return words


def changes(config: TrainingConfig, base: TrainingConfig) -> list[str]:
    """Says what a run has that another has not: ["learning rate 0.01", "no dropout"].

    Args:
        config: the run.
        base: the one that it is compared with, such as its recipe's.
    """
    network, before = config.architecture, base.architecture
    words = []
    if config.task != base.task:
        words.append(config.get_task().title)
    if config.source != base.source:
        words.append(config.get_task().source(config.source).title)
    words += _network_changes(network, before)
    for name, bounds in BOUNDS.items():
        value = getattr(config, name)
        if value != getattr(base, name) and name not in ("noise_level", "seed"):
            words.append(f"{_lower(bounds.title)} {_number(value)}")
    words += [
        choices[getattr(config, name)]
        if name == "optimizer"
        else f"schedule “{choices[getattr(config, name)]}”"
        for name, choices in CHOICES.items()
        if getattr(config, name) != getattr(base, name)
    ]
    if (config.noise, config.noise_level) != (base.noise, base.noise_level):
        if config.noise == "none":
            words.append("no noise")
        else:
            title = config.get_task().noise(config.noise).title
            words.append(f"noise “{title}” at {config.noise_level:g}")
    if config.seed != base.seed:
        words.append(f"seed {config.seed}")
    return words


def _network_changes(network: Architecture, before: Architecture) -> list[str]:
    words = []
    if network.filters != before.filters:
        words.append(f"filters {_sizes(network.filters)}")
    if network.recurrent != before.recurrent:
        words.append(f"recurrent layers {_sizes(network.recurrent)}")
    if network.recurrent and network.cell != before.cell:
        words.append(f"cell {network.cell_name}")
    if network.hidden != before.hidden:
        words.append(f"layers {_sizes(network.hidden)}")
    if network.activation != before.activation:
        words.append(f"activation {network.activation_name or 'none'}")
    if network.dropout != before.dropout:
        words.append(f"dropout {network.dropout:g}" if network.dropout else "no dropout")
    if network.batch_norm != before.batch_norm:
        words.append(f"{'' if network.batch_norm else 'no '}batch normalisation")
    if network.output != before.output:
        words.append(f"output {network.output}")
    if network.batch_norm and network.norm_position != before.norm_position:
        words.append(f"normalised {network.norm_position} the activation")
    if network.batch_norm and network.norm_momentum != before.norm_momentum:
        words.append(f"normalisation momentum {network.norm_momentum:g}")
    if not network.filters:
        return words
    if network.kernel_size != before.kernel_size:
        words.append(f"kernel {network.kernel_size}×{network.kernel_size}")
    if network.convolutions != before.convolutions:
        words.append(f"convolutions per block {network.convolutions}")
    if network.padding != before.padding:
        words.append(f"padding {network.padding}")
    if network.downsampling != before.downsampling:
        words.append(f"downsampling {network.downsampling}")
    return words


def _sizes(sizes: Sequence[int]) -> str:
    return "-".join(map(str, sizes)) or "none"


def run_name(recipe: Recipe, config: TrainingConfig) -> str:
    """Returns the name of a new run: its recipe, and what was changed of it."""
    base = TrainingConfig.from_recipe(config.get_task(), recipe, source=config.source)
    every = changes(config, base)
    words = every
    if len(every) > _NAMED_CHANGES:
        words = [*every[: _NAMED_CHANGES - 1], f"{len(every) - _NAMED_CHANGES + 1} more changes"]
    name = ", ".join([recipe.title, *words])
    return name if len(name) <= MAX_NAME else f"{recipe.title}, {len(every)} changes"


def name_of(info: RunInfo) -> str:
    """Returns a run's name; that of an older version's “Fast, changed” says what was changed."""
    for recipe in info.config.get_task().recipes:
        if info.name == f"{recipe.title}{CHANGED}":
            return run_name(recipe, info.config)
    return info.name


def settings_that_differ(configs: Sequence[TrainingConfig]) -> dict[str, list[str]]:
    """Returns the settings that are not the same in all runs: title, then each run's value."""
    every = [described(config) for config in configs]
    return {
        title: [words[title] for words in every]
        for title in (every[0] if every else {})
        if len({words[title] for words in every}) > 1
    }


def settings_in_common(configs: Sequence[TrainingConfig]) -> dict[str, str]:
    """Returns the settings that are the same in all runs, and their values."""
    different = settings_that_differ(configs)
    words = described(configs[0]) if configs else {}
    return {title: value for title, value in words.items() if title not in different}


@dataclass(frozen=True)
class Result:
    """What came of a run, as words for a table; "–" where there is nothing (yet).

    Args:
        ending: how it ended, or that it is under way.
        test_accuracy: on the most important test data, with its interval.
        test_data: which data that was.
        best_validation: accuracy after the epoch with the lowest validation loss.
        epochs: done, of those asked for.
        seconds: of training.
        speed: training examples a second.
        parameters: weights in the network.
    """

    ending: str
    test_accuracy: str
    test_data: str
    best_validation: str
    epochs: str
    seconds: str
    speed: str
    parameters: str


def result(info: RunInfo, history: History) -> Result:
    """Returns the result of a run."""
    figure = _figure(info)
    best = history.best_epoch
    speed = history.examples_per_second
    return Result(
        state_in_words(info, history),
        _with_interval(figure) if figure else "–",
        figure.data if figure else "–",
        f"{percent(history.epochs[best - 1].val_accuracy)} (epoch {best})" if best else "–",
        f"{len(history.epochs)} of {info.config.epochs}",
        f"{history.seconds:.1f}" if history.epochs else "–",
        f"{speed:,.0f}" if speed else "–",
        f"{info.config.parameters:,}",
    )


def accuracy_in_words(info: RunInfo) -> str:
    """Returns a run's accuracy on the most important test data; "–" before there is one."""
    figure = _figure(info)
    return percent(figure.value) if figure else "–"


def state_in_words(info: RunInfo, history: History | None = None) -> str:
    """Says where a run stands, and why it left no network.

    Args:
        info: the run.
        history: what it has told. Defaults to nothing: then it is not said how far it has come.
    """
    if info.without_workers:
        return "waiting: no worker process is running"
    if info.state == "queued":
        return f"waiting, place {info.queue_position}" if info.queue_position else "about to start"
    if info.state in ("running", "paused"):
        return f"{info.state}, {history.share:.0%}" if history else info.state
    if info.state == "finished":
        told = history.finished.ending if history and history.finished else None
        words = ENDINGS.get(told or (info.card and info.card.ending) or "", "finished")
        return f"{words}; its network is not stored yet" if info.unsaved else words
    if info.state == "interrupted":
        return f"interrupted after epoch {len(history.epochs)}" if history else info.state
    return f"ended without a network: {info.error}" if info.error else "ended without a network"


def patterns_shared(task: Task, source: str, level: float) -> int:
    """Returns how few patterns there are, where noisy examples for training and testing share them.

    Args:
        task: the task.
        source: name of the data set.
        level: of the noise on the data.

    Returns:
        0 where no test example occurs in training.
    """
    if task.channel is not None:
        return len(ALL_PATTERNS)
    return task.source(source).patterns if level else 0


def figure_words(figure: Accuracy, *, drawn: int = 0, noun: str = "digit") -> list[str]:
    """Says how sure a test accuracy is, and how it stands to the best possible.

    Args:
        figure: the accuracy.
        drawn: how many patterns there are, where the examples were drawn at random from patterns
            that occur in training, too; otherwise 0.
        noun: what made the patterns. Defaults to "digit".
    """
    if figure.exhaustive:
        return [f"exact: measured on all {figure.total} that exist"]
    sentences = [
        f"95 % interval {percent(figure.low)} to {percent(figure.high)}, measured on"
        f" {figure.total:,} examples that it never saw"
    ]
    if drawn:
        sentences = [
            f"95 % interval {percent(figure.low)} to {percent(figure.high)}, measured on"
            f" {figure.total:,} patterns drawn anew. They occur in training, too, for only {drawn}"
            f" exist: what is new is which {noun} produced which pattern."
        ]
    if figure.best is None:
        return sentences
    sentences.append(
        f"On average, no classifier can get more than {percent(figure.best)} of such examples"
        " right, because noise makes some classes look like others (*Bayes-optimal accuracy*)."
    )
    above = 100 * (figure.value - figure.best)
    if above > 0:
        spread = 50 * (figure.high - figure.low)
        sentences.append(
            f"This result is {above:.2f} points above that, which is luck with the draws: by chance"
            f" alone, it can be off by about {spread:.2f} points."
        )
    return sentences


def _figure(info: RunInfo) -> Accuracy | None:
    return info.card.figures[0] if info.card and info.card.figures else None


def _lower(title: str) -> str:
    """Returns a title as it stands inside a sentence; “L2 penalty” stays as it is."""
    return title if title[1:2].isdigit() else title[:1].lower() + title[1:]


def _number(value: float) -> str:
    """Writes a whole number in full, and any other so that a difference can be seen."""
    if value == int(value):
        return str(int(value))
    text = f"{value:.10g}"
    return f"{value:.10f}".rstrip("0") if "e" in text else text


def _with_interval(figure: Accuracy) -> str:
    if figure.exhaustive:
        return f"{percent(figure.value)}, exactly"
    low, high = figure.interval
    return f"{percent(figure.value)} ({percent(low)} to {percent(high)})"
