"""The task of a well-known course's lab: handwritten digits in 20 by 20 pixels."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.data import Dataset, Split
from core.datasets import mnist, uploads
from core.datasets.course_matlab import SIDE, read_course_file, to_course_size
from core.errors import DataUnavailable
from core.networks.architecture import Architecture
from core.noise.base import Noise
from core.tasks import handwritten
from core.tasks.base import DataSource, Task
from core.tasks.recipe import Recipe

SPLIT_SEED = 0
UPLOAD_TITLE = "Your ex3data1.mat"

Load = Callable[[Noise | None, float, int], Dataset]


def _small(split: Split) -> Split:
    return dataclasses.replace(split, x=to_course_size(split.x))


def _at_course_size(load: Load) -> Load:
    """Makes a loader of 20x20 pictures from one of 28x28; noise is added after shrinking."""

    def load_small(noise: Noise | None, level: float, seed: int) -> Dataset:
        dataset = load(None, 0.0, seed)
        ((words, test),) = dataset.tests.items()
        return handwritten.with_noise(
            _small(dataset.train),
            _small(dataset.validation),
            _small(test),
            _small_words(words),
            noise,
            level,
            seed,
        )

    return load_small


def _small_words(words: str) -> str:
    return f"{words} at 20x20 pixels"


def _small_tests(source: DataSource) -> dict[str, Callable[[], Split]]:
    """Returns loaders of the test parts of a data set, with the pictures shrunk."""

    def smaller(load: Callable[[], Split]) -> Callable[[], Split]:
        return lambda: _small(load())

    return {_small_words(words): smaller(load) for words, load in source.tests().items()}


@lru_cache(maxsize=2)
def _uploaded_parts(name: str) -> tuple[Split, Split, Split]:
    """Splits an uploaded file 70 : 10 : 20 within each class."""
    from sklearn.model_selection import train_test_split

    whole = read_course_file(uploads.content(name))
    counts = np.bincount(whole.y, minlength=10)
    # With very few examples of a digit, the split cannot be stratified.
    fair = bool(counts[counts > 0].min() >= 10)
    rest_x, test_x, rest_y, test_y = train_test_split(
        whole.x,
        whole.y,
        test_size=0.2,
        stratify=whole.y if fair else None,
        random_state=SPLIT_SEED,
    )
    train_x, validation_x, train_y, validation_y = train_test_split(
        rest_x,
        rest_y,
        test_size=0.125,
        stratify=rest_y if fair else None,
        random_state=SPLIT_SEED,
    )
    return Split(train_x, train_y), Split(validation_x, validation_y), Split(test_x, test_y)


def _uploaded(name: str) -> DataSource:
    def load(noise: Noise | None, level: float, seed: int) -> Dataset:
        words = "a fifth of the uploaded file"
        return handwritten.with_noise(*_uploaded_parts(name), words, noise, level, seed)

    def missing() -> str | None:
        try:
            uploads.content(name)
        except DataUnavailable as error:
            return str(error)
        return None

    return DataSource(
        name=name,
        title=UPLOAD_TITLE,
        note=(
            "The file that you uploaded: 70 % for training, 10 % for validation, and 20 % for"
            " testing."
        ),
        load=load,
        examples=lambda limit: _uploaded_parts(name)[2].thinned(limit),
        missing=missing,
    )


def _picture(x: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray((x.reshape(SIDE, SIDE) * 255).round(), dtype=np.uint8)


_MNIST = handwritten.TASK.source("mnist")
_BUILT_IN = handwritten.TASK.source("built-in")

TASK = Task(
    name="course-lab",
    title="Course lab: 20×20 pixels",
    description="A handwritten digit as small as in a well-known course's lab: which digit is it?",
    order=3,
    input_shape=(SIDE, SIDE, 1),
    classes=handwritten.TASK.classes,
    sources=(
        dataclasses.replace(
            _MNIST,
            title="MNIST at 20×20",
            note=(
                "MNIST's 70,000 digits, each picture shrunk to 20x20 pixels, as the course did with"
                " its own."
            ),
            load=_at_course_size(handwritten.load_mnist),
            clean_tests=_small_tests(_MNIST),
            examples=lambda limit: _small(_MNIST.examples(limit)),
            missing=mnist.missing,
        ),
        dataclasses.replace(
            _BUILT_IN,
            title="Built-in digits at 20×20",
            load=_at_course_size(handwritten.load_builtin),
            clean_tests=_small_tests(_BUILT_IN),
            examples=lambda limit: _small(_BUILT_IN.examples(limit)),
        ),
    ),
    noises=handwritten.TASK.noises,
    label="digit",
    example="picture",
    architectures={"course": Architecture((25, 15), output="linear")},
    default_model="course-lab",
    training_noise_level=0.0,
    picture=_picture,
    recipes=(
        Recipe(
            "course",
            "Course lab",
            "The course's network, 400-25-15-10 with a linear output: 10,575 weights are enough to"
            " read most digits.",
            Architecture((25, 15), output="linear"),
            {"epochs": 40, "seed": 1234},
        ),
    ),
    upload=uploads.UploadKind(
        title=UPLOAD_TITLE,
        suffix="mat",
        help=(
            "The file ex3data1.mat that comes with the course. It holds X, 5,000 pictures of 20x20"
            " pixels, and y, their labels from 1 to 10, where 10 means 0."
        ),
        read=read_course_file,
    ),
    uploaded=_uploaded,
)
