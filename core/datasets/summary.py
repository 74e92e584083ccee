"""What is in a data set: sizes, classes, examples of each, their mean and spread.

Plain numbers, small enough for the server to keep, from arrays of up to 200 MB.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data import NO_CLASS, Dataset, Inputs, Labels, Split

# Examples kept for display, per class and part.
SAMPLES_OF_A_CLASS = 120
POINTS = 1_200
MAX_COMPONENTS = 50
# The spread (standard deviation) of values in 0..1 is at most 0.5: half of them 0, half 1.
MAX_SPREAD = 0.5
# Classes count as balanced if the largest has at most 5 % more examples than the smallest.
EVEN_RATIO = 1.05
SEED = 0


@dataclass(frozen=True)
class Part:
    """One part of a data set.

    Args:
        name: display name.
        counts: examples of each class, those of no class last.
    """

    name: str
    counts: tuple[int, ...]

    @property
    def size(self) -> int:
        """Number of examples."""
        return sum(self.counts)


@dataclass(frozen=True)
class Samples:
    """Some examples of one class.

    Args:
        indices: int64, shape (n,): their positions in the part.
        pictures: uint8, shape (n, height, width).
    """

    indices: NDArray[np.int64]
    pictures: NDArray[np.uint8]


@dataclass(frozen=True)
class Points:
    """Examples as the points of a map.

    Args:
        components: float32, shape (n, k): the first k principal components, the first two of
            which are the map.
        explained: the share of the variance that each component explains, 0..1.
        labels: int64, shape (n,), the class of each, or NO_CLASS.
        indices: int64, shape (n,): their positions in the part.
        pictures: uint8, shape (n, height, width).
        part: display name of the part.
    """

    components: NDArray[np.float32]
    explained: tuple[float, ...]
    labels: Labels
    indices: NDArray[np.int64]
    pictures: NDArray[np.uint8]
    part: str


@dataclass(frozen=True)
class DatasetSummary:
    """What a page shows about a data set.

    Args:
        parts: training, validation, then the tests, the most important first.
        samples: keyed by "training" or "test", then by class or NO_CLASS.
        means: uint8, shape (classes, height, width): the mean training example of each class.
        spreads: the same for the standard deviation; white is MAX_SPREAD.
        points: of the most important test.
    """

    parts: tuple[Part, ...]
    samples: Mapping[str, Mapping[int, Samples]]
    means: NDArray[np.uint8]
    spreads: NDArray[np.uint8]
    points: Points


@dataclass(frozen=True)
class Balance:
    """How balanced the classes are.

    Args:
        most: the most frequent class.
        least: the rarest one.
        ratio: of their numbers of examples; infinite if the rarest has none.
        share: of the most frequent among all examples that have a class, 0..1.
    """

    most: int
    least: int
    ratio: float
    share: float

    @property
    def even(self) -> bool:
        """Whether the classes are equally frequent, or nearly so."""
        return self.ratio <= EVEN_RATIO


def class_counts(y: Labels, num_classes: int) -> tuple[int, ...]:
    """Returns the number of examples of each class, then of those without a class."""
    counts = np.bincount(y[y != NO_CLASS], minlength=num_classes)
    return (*(int(count) for count in counts), int((y == NO_CLASS).sum()))


def balance(part: Part) -> Balance:
    """Compares the most frequent class with the rarest; ties go to the first."""
    counts = part.counts[:-1]
    most, least = int(np.argmax(counts)), int(np.argmin(counts))
    ratio = counts[most] / counts[least] if counts[least] else float("inf")
    return Balance(most, least, ratio, counts[most] / max(1, sum(counts)))


def mean_and_spread(split: Split, num_classes: int) -> tuple[Inputs, Inputs]:
    """Returns the mean and the standard deviation of each class's examples, value by value.

    Returns:
        Two arrays, float32, shape (classes, *input_shape); 0 for a class without examples.
    """
    shape = (num_classes, *split.x.shape[1:])
    means, spreads = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for label in range(num_classes):
        x = split.x[split.y == label]
        if len(x):
            means[label] = x.mean(axis=0, dtype=np.float64)
            spreads[label] = x.std(axis=0, dtype=np.float64)
    return means, spreads


def samples_by_class(
    split: Split,
    num_classes: int,
    picture: Callable[[NDArray[np.float32]], NDArray[np.uint8]],
    *,
    limit: int = SAMPLES_OF_A_CLASS,
) -> dict[int, Samples]:
    """Returns the first examples of each class, in the order of the part.

    Args:
        split: the part.
        num_classes: how many there are; NO_CLASS is shown as well if it has examples.
        picture: as in `summarise`.
        limit: maximum per class. Defaults to SAMPLES_OF_A_CLASS.
    """
    found = {}
    for label in (*range(num_classes), NO_CLASS):
        indices = np.flatnonzero(split.y == label)[:limit]
        if len(indices):
            pictures = np.stack([picture(split.x[index]) for index in indices])
            found[label] = Samples(indices, pictures)
    return found


def points_of(
    split: Split,
    name: str,
    picture: Callable[[NDArray[np.float32]], NDArray[np.uint8]],
    *,
    limit: int = POINTS,
) -> Points:
    """Projects examples to points by principal component analysis (PCA).

    Args:
        split: the part; `limit` of its examples are sampled with the seed SEED.
        name: display name of the part.
        picture: as in `summarise`.
        limit: maximum number of points. Defaults to POINTS.
    """
    from sklearn.decomposition import PCA  # takes a second: in a worker

    order = np.random.default_rng(SEED).permutation(len(split))[:limit]
    indices = np.sort(order)
    x = split.x[indices].reshape(len(indices), -1)  # (n, values)
    count = min(MAX_COMPONENTS, *x.shape)
    pca = PCA(count, svd_solver="full")
    with np.errstate(invalid="ignore"):  # 0 / 0 if all examples are equal
        components = pca.fit_transform(x)
    explained = np.nan_to_num(pca.explained_variance_ratio_)
    return Points(
        np.asarray(components, np.float32),
        tuple(float(share) for share in explained),
        split.y[indices],
        indices,
        np.stack([picture(split.x[index]) for index in indices]),
        name,
    )


def nearest(points: Points, place: int, count: int) -> NDArray[np.int64]:
    """Returns the indices of the points nearest to one in all components, nearest first."""
    distances = np.square(points.components - points.components[place]).sum(axis=1)
    distances[place] = np.inf
    return np.argsort(distances, kind="stable")[:count]


def _to_bytes(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray((values * 255).round(), np.uint8)


def summarise(
    dataset: Dataset,
    *,
    num_classes: int,
    picture: Callable[[NDArray[np.float32]], NDArray[np.uint8]],
    over_pictures: bool = False,
    on_step: Callable[[str], None] = lambda words: None,
) -> DatasetSummary:
    """Returns what a page shows about a data set.

    Args:
        dataset: all of it.
        num_classes: how many classes its task has.
        picture: shows one example, `(x of input_shape) -> uint8 (height, width)`.
        over_pictures: whether the pictures of a class are averaged, rather than its inputs: where
            an input's place in the picture is not fixed. Defaults to False.
        on_step: called with a description of each step.
    """
    (test_name, test), *_ = dataset.tests.items()
    splits = {"training": dataset.train, "validation": dataset.validation, **dataset.tests}
    parts = tuple(Part(name, class_counts(split.y, num_classes)) for name, split in splits.items())
    on_step("Computing mean and spread")
    picture_of: Callable[[NDArray[np.float32]], NDArray[np.uint8]]
    if over_pictures:
        drawn = np.stack([picture(x) for x in dataset.train.x]) / 255
        means, spreads = mean_and_spread(
            Split(drawn.astype(np.float32), dataset.train.y), num_classes
        )
        picture_of = _to_bytes
    else:
        means, spreads = mean_and_spread(dataset.train, num_classes)
        picture_of = picture
    on_step("Choosing examples")
    samples = {
        "training": samples_by_class(dataset.train, num_classes, picture),
        "test": samples_by_class(test, num_classes, picture),
    }
    on_step("Drawing the map")
    return DatasetSummary(
        parts,
        samples,
        np.stack([picture_of(mean) for mean in means]),
        np.stack([picture_of(np.minimum(spread / MAX_SPREAD, 1)) for spread in spreads]),
        points_of(test, test_name, picture),
    )
