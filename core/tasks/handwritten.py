"""The task of reading a handwritten digit from a picture of 28 by 28 pixels."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data import NO_CLASS, Dataset, Inputs, Split
from core.datasets import mnist, pen_strokes
from core.imaging.normalize import SIZE, to_network_input
from core.networks.architecture import Architecture
from core.noise.base import GAUSSIAN, SALT_AND_PEPPER, Noise
from core.noise.corruptions import CORRUPTIONS
from core.tasks.base import DataSource, Task
from core.tasks.recipe import Recipe

MNIST_VALIDATION = 5_000
# How often each pen-stroke digit is drawn, each time with another brush, size, position and tilt.
DRAWINGS_TO_LEARN_FROM = 3
DRAWINGS_TO_VALIDATE = 2
NON_DIGITS = 7_000
PAIRS = 2_000  # of digits side by side, which together are no digit
NON_DIGITS_TO_TEST = 500  # of each kind
# The split belongs to the data: it is the same for every run, whatever the run's seed.
SPLIT_SEED = 0

# Names of the test parts.
MNIST_TEST = "MNIST test images"
PEN_TEST = f"pen strokes by {len(pen_strokes.TEST_WRITERS)} writers kept for testing"
BUILT_IN_TEST = "built-in test images"


def to_inputs(images: NDArray[np.uint8]) -> Inputs:
    """Turns pictures into inputs: uint8 (n, 28, 28) to float32 (n, 28, 28, 1) in 0..1."""
    return (images.astype(np.float32) / np.float32(255))[..., np.newaxis]  # (n, 28, 28, 1)


def _noisy(split: Split, noise: Noise | None, level: float, seed: int) -> Split:
    if noise is None or level == 0 or len(split) == 0:
        return split
    return Split(noise.apply(split.x, level=level, random_state=seed), split.y)


def with_noise(
    train: Split,
    validation: Split,
    test: Split,
    words: str,
    noise: Noise | None,
    level: float,
    seed: int,
) -> Dataset:
    """Makes a data set from three parts, each corrupted with its own random numbers."""
    seeds = [int(part) for part in np.random.SeedSequence(seed).generate_state(3)]
    tests = {words: test}
    if noise is not None and level > 0:
        noisy = f"{words} with {noise.title.lower()} at {level:g}"
        tests = {noisy: _noisy(test, noise, level, seeds[2])} | tests
    return Dataset(
        _noisy(train, noise, level, seeds[0]), _noisy(validation, noise, level, seeds[1]), tests
    )


def load_mnist(noise: Noise | None, level: float, seed: int) -> Dataset:
    """Loads MNIST, 55,000 : 5,000 : 10,000; raises DataUnavailable if it is missing."""
    x, y = mnist.read("x_train", "y_train")
    order = np.random.default_rng(SPLIT_SEED).permutation(len(x))
    train, validation = order[MNIST_VALIDATION:], order[:MNIST_VALIDATION]
    labels = y.astype(np.int64)
    return with_noise(
        Split(to_inputs(x[train]), labels[train]),
        Split(to_inputs(x[validation]), labels[validation]),
        _mnist_test(),
        MNIST_TEST,
        noise,
        level,
        seed,
    )


def _mnist_test() -> Split:
    x, y = mnist.read("x_test", "y_test")
    return Split(to_inputs(x), y.astype(np.int64))


def _drawn(writers: Collection[int], times: int, seed: int) -> Split:
    """Draws the digits of some writers with random pens, as people might on the canvas."""
    generator = np.random.default_rng(seed)
    digits = pen_strokes.read(writers) * times
    pictures = (pen_strokes.draw(digit, pen_strokes.by_chance(generator)) for digit in digits)
    x = np.stack([to_network_input(picture, background=1.0) for picture in pictures])
    return Split(x, np.array([digit.label for digit in digits], np.int64))


def _pairs(writers: Collection[int], count: int, seed: int) -> Inputs:
    """Draws pairs of digits, each pair by one writer."""
    generator = np.random.default_rng([seed, 1])
    by_writer = {writer: pen_strokes.read([writer]) for writer in sorted(writers)}
    pictures = []
    for writer in generator.choice(list(by_writer), count):
        left, right = generator.choice(len(by_writer[writer]), 2)
        own = by_writer[writer]
        pictures.append(pen_strokes.draw_pair(own[left], own[right], generator))
    return np.stack([to_network_input(picture, background=1.0) for picture in pictures])


def _joined(*splits: Split) -> Split:
    return Split(
        np.concatenate([split.x for split in splits]), np.concatenate([split.y for split in splits])
    )


def load_people(noise: Noise | None, level: float, seed: int) -> Dataset:
    """Loads MNIST, drawn pen strokes, and pictures of no digit, labelled NO_CLASS.

    Training, validation and test have different writers. The training drawings depend on the seed;
    those of the other parts are always the same.

    Raises:
        DataUnavailable: if either data set is missing.
    """
    from core.datasets import non_digits

    clean = load_mnist(None, 0, seed)
    learners = set(range(1, 31)) - {*pen_strokes.VALIDATION_WRITERS, *pen_strokes.TEST_WRITERS}
    out_of_distribution = np.concatenate(
        [non_digits.for_training(NON_DIGITS, random_state=seed), _pairs(learners, PAIRS, seed)]
    )
    train = _joined(
        clean.train,
        _drawn(learners, DRAWINGS_TO_LEARN_FROM, seed),
        Split(out_of_distribution, np.full(len(out_of_distribution), NO_CLASS, np.int64)),
    )
    return _with_people(clean, train, noise, level, seed)


def load_people_held_out(noise: Noise | None, level: float, seed: int) -> Dataset:
    """Loads the same as `load_people`, 20 times faster, with an empty training part."""
    clean = load_mnist(None, 0, seed)
    return _with_people(clean, Split(clean.train.x[:0], clean.train.y[:0]), noise, level, seed)


def _with_people(
    clean: Dataset, train: Split, noise: Noise | None, level: float, seed: int
) -> Dataset:
    """Adds validation and test parts of MNIST and pen strokes to a training part."""
    drawn = _drawn(pen_strokes.VALIDATION_WRITERS, DRAWINGS_TO_VALIDATE, SPLIT_SEED)
    validation = _joined(clean.validation, drawn)
    mnist_test = clean.tests[MNIST_TEST]
    data = with_noise(train, validation, mnist_test, MNIST_TEST, noise, level, seed)
    return replace(data, tests={**data.tests, PEN_TEST: pen_test()})


@cache
def pen_test() -> Split:
    """Returns the test writers' drawings, 1,498 of them."""
    return _drawn(pen_strokes.TEST_WRITERS, 1, SPLIT_SEED)


def _people_missing() -> str | None:
    return mnist.missing() or pen_strokes.missing()


@cache
def _builtin() -> tuple[Split, Split, Split]:
    """Enlarges scikit-learn's 8x8 digits to 28x28 and splits each class 60 : 15 : 25."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    coarse, y = load_digits(return_X_y=True)
    images = (coarse.reshape(-1, 8, 8) * (255 / 16)).round().astype(np.uint8)
    x = np.stack([to_network_input(image, background=0) for image in images])
    y = y.astype(np.int64)
    rest_x, test_x, rest_y, test_y = train_test_split(
        x, y, test_size=0.25, stratify=y, random_state=SPLIT_SEED
    )
    train_x, validation_x, train_y, validation_y = train_test_split(
        rest_x, rest_y, test_size=0.2, stratify=rest_y, random_state=SPLIT_SEED
    )
    return Split(train_x, train_y), Split(validation_x, validation_y), Split(test_x, test_y)


def load_builtin(noise: Noise | None, level: float, seed: int) -> Dataset:
    """Loads scikit-learn's digits, 1,077 : 270 : 450."""
    return with_noise(*_builtin(), BUILT_IN_TEST, noise, level, seed)


def to_picture(x: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Turns an input, float32 of 28 x 28 values in 0..1, into a picture: uint8 (28, 28)."""
    return np.asarray((x.reshape(SIZE, SIZE) * 255).round(), dtype=np.uint8)


@cache
def out_of_distribution() -> dict[str, Inputs]:
    """Returns pictures of no digit, by kind, to test networks on; the same every time."""
    from core.datasets import non_digits

    return non_digits.for_test(NON_DIGITS_TO_TEST, random_state=SPLIT_SEED)


# Settings of the bundled networks that read people's handwriting.
_PEOPLE: Mapping[str, Any] = {
    "batch_size": 128,
    "optimizer": "adamw",
    "weight_decay": 0.01,
    "learning_rate": 0.003,
    "schedule": "one-cycle",
    "rotation": 12.0,
    "shift": 0.08,
    "zoom": 0.1,
    "shear": 0.15,
    "elastic": 0.022,
    "stroke": 0.5,
}


_RECIPES = (
    Recipe(
        "fast",
        "Fast",
        "Convolutions that move two pixels at a time, batch normalisation, and a learning rate that"
        " rises and falls (one cycle) reach about 99 % on MNIST in two epochs.",
        Architecture(
            (128,),
            batch_norm=True,
            filters=(16, 32),
            kernel_size=5,
            downsampling="stride",
            output="linear",
            norm_momentum=0.9,
        ),
        {
            "epochs": 2,
            "batch_size": 256,
            "learning_rate": 0.012,
            "schedule": "one-cycle",
            "shift": 0.05,
        },
        # A small data set needs more epochs and smaller batches to make as many steps.
        {"built-in": {"epochs": 20, "batch_size": 32, "learning_rate": 0.005}},
        slow_motion=True,
    ),
    Recipe(
        "dense",
        "Simple dense",
        "The simplest network that reads well: two dense layers, with dropout to keep it from"
        " memorising its examples (overfitting).",
        Architecture((128, 64), dropout=0.2),
    ),
    Recipe(
        "cnn",
        "Convolutional",
        "Convolutions look for the same small shapes everywhere in the picture. Compare this"
        " network with the dense one.",
        Architecture((128,), dropout=0.5, filters=(32, 64)),
        {"batch_size": 64},
    ),
    Recipe(
        "recogniser",
        "Recogniser",
        "Three wide dense layers and a linear output: the loss function itself turns the output"
        " (logits) into probabilities.",
        Architecture((256, 128, 128), output="linear"),
        {"epochs": 20},
    ),
    Recipe(
        "first-digits",
        "First digits",
        "Rotated, shifted, zoomed and inverted pictures (augmentation) are harder to learn and"
        " cannot be memorised; early stopping keeps the best weights.",
        Architecture((256, 128, 64), batch_norm=True, norm_position="after"),
        {
            "early_stopping": 3,
            "rotation": 15.0,
            "shift": 0.15,
            "zoom": 0.15,
            "invert": 0.5,
        },
    ),
    Recipe(
        "people",
        "People",
        "Bent, slanted, thickened and thinned digits by many writers train a small network that"
        " reads what people really draw.",
        Architecture(
            (64,),
            dropout=0.3,
            batch_norm=True,
            filters=(16, 32, 64),
            output="linear",
            convolutions=2,
            padding="same",
        ),
        {**_PEOPLE, "epochs": 30},
    ),
    Recipe(
        "people-large",
        "People, large",
        "The same with twice as many filters: slower, and hard to beat.",
        Architecture(
            (128,),
            dropout=0.4,
            batch_norm=True,
            filters=(32, 64, 128),
            output="linear",
            convolutions=2,
            padding="same",
        ),
        {**_PEOPLE, "epochs": 26},
    ),
)

TASK = Task(
    name="handwritten",
    title="Handwritten digits",
    description="A small grey picture of a handwritten digit: which digit is it?",
    order=2,
    input_shape=(SIZE, SIZE, 1),
    classes=tuple("0123456789"),
    sources=(
        DataSource(
            name="mnist",
            title="MNIST",
            note=(
                "70,000 digits by American clerks and school students: 55,000 for training, 5,000"
                " for validation, and 10,000 for testing."
            ),
            load=load_mnist,
            clean_tests={MNIST_TEST: _mnist_test},
            examples=lambda limit: _mnist_test().thinned(limit),
            missing=mnist.missing,
            download=mnist.download,
            download_note="With MNIST, networks learn from real handwriting; 11 MB, fetched once.",
        ),
        DataSource(
            name="people",
            title="MNIST and pen strokes",
            note=(
                "MNIST, digits drawn from the pen strokes of 21 people as they would look on the"
                " Draw page, and scribbles and letters, which the network learns to be unsure"
                " about. Other people made the validation and test drawings."
            ),
            load=load_people,
            load_held_out=load_people_held_out,
            clean_tests={MNIST_TEST: _mnist_test, PEN_TEST: pen_test},
            examples=lambda limit: pen_test().thinned(limit),
            missing=_people_missing,
        ),
        DataSource(
            name="built-in",
            title="Built-in digits",
            note=(
                "1,797 digits that come with scikit-learn. They are always available, but fewer"
                " and coarser than MNIST's (8x8 pixels enlarged to 28x28), so networks learn less."
            ),
            load=load_builtin,
            clean_tests={BUILT_IN_TEST: lambda: _builtin()[2]},
            examples=lambda limit: _builtin()[2].thinned(limit),
        ),
    ),
    noises=(GAUSSIAN, SALT_AND_PEPPER, *CORRUPTIONS),
    label="digit",
    example="picture",
    architectures={
        "dense": Architecture((128, 64), dropout=0.2),
        "cnn": Architecture((128,), dropout=0.5, filters=(32, 64)),
    },
    default_model="handwritten",
    training_noise_level=0.0,
    picture=to_picture,
    recipes=_RECIPES,
    out_of_distribution=out_of_distribution,
)
