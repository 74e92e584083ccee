"""Four simple methods, trained in about a second by scikit-learn.

They see what a network sees, flattened: the same training examples, or as many of them as keep it
a matter of a second. Their settings are fixed, but for the number of neighbours, which is chosen
on the validation examples.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from core.data import NO_CLASS, Dataset, Inputs, Labels, Split
from core.inference.predictor import Classifier
from core.metrics.accuracy import Accuracy, accuracy_of
from core.tasks.base import get_task
from core.training.share import drawn_share

Name = Literal["logistic", "tree", "neighbours", "majority"]
NAMES: tuple[Name, ...] = get_args(Name)
TITLES: Mapping[Name, str] = {
    "logistic": "Logistic regression",
    "tree": "Decision tree",
    "neighbours": "Nearest neighbours",
    "majority": "Majority guess",
}
# Training examples, and numbers in all of them: with 3,826 pictures of MNIST each method is trained
# in about a second, whatever noise is on them.
MAX_EXAMPLES = 25_000
MAX_NUMBERS = 3_000_000
MAX_STEPS = 100  # of logistic regression
MAX_DEPTH = 10  # of the tree: as many questions, one after the other
NEIGHBOURS = (5, 1, 25)  # to choose from; the first is taken where several are equally good
TO_CHOOSE_ON = 1_000  # validation examples


@dataclass(frozen=True)
class LearnedFrom:
    """What simple methods learn from: all that is needed to load it, and to train them again.

    Args:
        task: name of the task.
        source: name of its data set.
        noise: name of the noise on it. Defaults to none.
        level: of the noise. Defaults to 0.
        seed: of what is random in the data, and in the choice of examples. Defaults to 0.
        share: part of the training examples, as for a run. Defaults to all.
    """

    task: str
    source: str
    noise: str = "none"
    level: float = 0.0
    seed: int = 0
    share: float = 1.0

    def load(self) -> Dataset:
        """Loads the data, its test parts the same as for a network.

        Raises:
            InvalidInput: if there is no such data set.
            DataUnavailable: if the data is not there.
        """
        task = get_task(self.task)
        noise = None if self.noise == "none" else task.noise(self.noise)
        return task.source(self.source).load(noise, self.level, self.seed)


class Baseline(Classifier):
    """A trained simple method, which answers as a network does.

    Args:
        name: which it is.
        model: of scikit-learn.
        classes: number of classes of the task; some may never have occurred in training.
        seconds: how long training took, with the choice of the number of neighbours.
        chosen: steps of logistic regression, depth of the tree, number of neighbours, or the
            index of the most frequent class.

    Attributes:
        size: the number of weights, nodes, kept examples or kept classes.
    """

    def __init__(self, name: Name, model: Any, classes: int, seconds: float, chosen: int) -> None:
        super().__init__()
        self.name, self.seconds, self.chosen = name, seconds, chosen
        self._model, self._classes = model, classes
        self.size = _size(name, model)

    def predict_uncalibrated(self, x: Inputs) -> NDArray[np.float32]:
        """Returns the probabilities: float32, shape (n, classes)."""
        return _probabilities(self._model, x, self._classes)


@dataclass(frozen=True, eq=False)
class Learned:
    """The simple methods, and what they learned from.

    Args:
        baselines: the methods, in the order of NAMES.
        validation: accuracy of each on the validation examples, on some of which the number of
            neighbours was chosen. None where there are none.
        examples: how many training examples they were given.
        available: how many there are.
        missing: indices of the classes that do not occur among the examples.
    """

    baselines: tuple[Baseline, ...]
    validation: tuple[Accuracy | None, ...]
    examples: int
    available: int
    missing: tuple[int, ...]


def example_limit(numbers: int) -> int:
    """Returns how many training examples are used at most.

    Args:
        numbers: in one example, such as 784 for a picture of 28 by 28 pixels.
    """
    return min(MAX_EXAMPLES, max(1, MAX_NUMBERS // numbers))


def learn(
    dataset: Dataset,
    *,
    classes: int,
    share: float = 1.0,
    random_state: int = 0,
    on_step: Callable[[str], None] = lambda title: None,
) -> Learned:
    """Trains all four methods.

    Args:
        dataset: its training and validation parts; the test parts are not looked at.
        classes: number of classes of the task.
        share: part of the training examples, as for a run. Defaults to all.
        random_state: seed of the choice of examples, and of ties in the tree.
        on_step: called with the title of the method whose turn it is.
    """
    from threadpoolctl import threadpool_limits

    given = _of_known_classes(drawn_share(dataset.train, share, random_state))
    train = _stratified(given, example_limit(math.prod(given.x.shape[1:])), random_state)
    validation = _of_known_classes(dataset.validation)
    tried_on = _stratified(validation, TO_CHOOSE_ON, random_state)
    baselines, accuracies = [], []
    # One thread: several that wait for one another on busy processors take many times as long.
    with threadpool_limits(1):
        for name in NAMES:
            on_step(TITLES[name])
            baseline = _train(name, train, tried_on, classes, random_state)
            baselines.append(baseline)
            accuracies.append(
                accuracy_of(baseline.predict(validation.x), validation, data="validation examples")
                if len(validation)
                else None
            )
    missing = tuple(int(each) for each in np.setdiff1d(np.arange(classes), train.y))
    return Learned(tuple(baselines), tuple(accuracies), len(train), len(given), missing)


def _train(name: Name, train: Split, tried_on: Split, classes: int, seed: int) -> Baseline:
    begin = time.perf_counter()
    x, y = _flat(train.x), train.y
    one_class = len(np.unique(y)) == 1
    model, chosen = _fit("majority" if one_class else name, x, y, tried_on, classes, seed)
    return Baseline(name, model, classes, time.perf_counter() - begin, chosen)


def _fit(
    name: Name, x: Inputs, y: Labels, tried_on: Split, classes: int, seed: int
) -> tuple[Any, int]:
    """Returns the model, and what was chosen for it."""
    from sklearn.dummy import DummyClassifier
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.tree import DecisionTreeClassifier

    match name:
        case "logistic":
            with warnings.catch_warnings():  # it is stopped early, as networks are
                warnings.simplefilter("ignore", ConvergenceWarning)
                model = LogisticRegression(max_iter=MAX_STEPS).fit(x, y)
            return model, int(model.n_iter_[0])
        case "tree":
            model = DecisionTreeClassifier(max_depth=MAX_DEPTH, random_state=seed).fit(x, y)
            return model, int(model.get_depth())
        case "neighbours":
            near = [
                KNeighborsClassifier(k, algorithm="brute") for k in NEIGHBOURS if k <= len(y)
            ] or [KNeighborsClassifier(1, algorithm="brute")]
            model = _best([each.fit(x, y) for each in near], tried_on, classes)
            return model, int(model.n_neighbors)
        case "majority":
            model = DummyClassifier(strategy="most_frequent").fit(x, y)
            return model, int(model.predict(x[:1])[0])


def _best(models: Sequence[Any], tried_on: Split, classes: int) -> Any:
    """Returns the most accurate model; the first of several that are equally good."""
    if not len(tried_on):
        return models[0]
    return max(
        models,
        key=lambda model: int(
            (_probabilities(model, tried_on.x, classes).argmax(axis=1) == tried_on.y).sum()
        ),
    )


def _probabilities(model: Any, x: Inputs, classes: int) -> NDArray[np.float32]:
    found = np.zeros((len(x), classes), np.float32)
    if len(x):
        found[:, model.classes_] = model.predict_proba(_flat(x))
    return found


def _size(name: Name, model: Any) -> int:
    match name:
        case "logistic" if hasattr(model, "coef_"):
            return int(model.coef_.size + model.intercept_.size)
        case "tree" if hasattr(model, "tree_"):
            return int(model.tree_.node_count)
        case "neighbours" if hasattr(model, "n_samples_fit_"):
            return int(model.n_samples_fit_)
        case _:
            return 1


def _flat(x: Inputs) -> Inputs:
    return np.ascontiguousarray(
        x.reshape(len(x), math.prod(x.shape[1:])), np.float32
    )  # (n, numbers)


def _of_known_classes(split: Split) -> Split:
    """Leaves out the examples of no class: these methods have no way to be unsure."""
    known = split.y != NO_CLASS
    return split if known.all() else Split(split.x[known], split.y[known])


def _stratified(split: Split, limit: int, seed: int) -> Split:
    """Returns at most `limit` examples with the same shares of classes, in their order."""
    if len(split) <= limit:
        return split
    from sklearn.utils import resample

    chosen = resample(
        np.arange(len(split)),
        replace=False,
        n_samples=limit,
        stratify=split.y,
        random_state=seed,
    )
    chosen.sort()
    return Split(split.x[chosen], split.y[chosen])
