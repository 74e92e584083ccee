"""The part of a run's stand-alone code that makes or reads its data."""

from __future__ import annotations

from core.segments.patterns import DIGIT_PATTERNS
from core.tasks.handwritten import MNIST_VALIDATION, SPLIT_SEED
from core.training.config import TrainingConfig

_SPOILT = {"flip": "1 - x", "missing": "0", "extra": "1"}


def needs_digit_lab(config: TrainingConfig) -> bool:
    """Returns whether the code takes the data from Digit Lab's own modules."""
    if config.task == "seven-segment" and config.source == "generated":
        return config.noise not in (*_SPOILT, "none")
    noisy = config.noise != "none" and config.noise_level > 0
    return noisy or (config.task, config.source) != ("handwritten", "mnist")


def has_non_digits(config: TrainingConfig) -> bool:
    """Returns whether some of the training examples are labelled as none of the classes."""
    return (config.task, config.source) == ("handwritten", "people")


def data_code(config: TrainingConfig) -> str:
    """Returns code that binds train_x, train_y, val_x, val_y and tests."""
    if needs_digit_lab(config):
        return _from_digit_lab(config)
    return _segments(config) if config.task == "seven-segment" else _mnist()


def _segments(config: TrainingConfig) -> str:
    patterns = "\n".join(f'    "{pattern}",' for pattern in DIGIT_PATTERNS)
    level = 0.0 if config.noise == "none" else config.noise_level
    noisy = level > 0
    draw = (
        f"""    hit = np.random.default_rng(seed).random(x.shape) < {level!r}
    x = np.where(hit, {_SPOILT[config.noise]}, x)  # noise: {config.noise}
"""
        if noisy
        else ""
    )
    title = config.get_task().noise(config.noise).title if noisy else ""
    noise_words = title.lower()
    words = f'"one part clean, ten parts {noise_words} at {level:g}": (test_x, test_y),\n    '
    return f"""
# The data: the ten digits of a seven-segment display, segments a to g, and noisy copies of them.
PATTERNS = [
{patterns}
]
CLEAN = np.array([[int(segment) for segment in pattern] for pattern in PATTERNS], np.float32)


def make_patterns(clean_per_digit, noisy_per_digit, seed):
    \"\"\"Returns clean and noisy patterns, shuffled, and the digits that they stand for.\"\"\"
    clean_digits = np.repeat(np.arange(10), clean_per_digit)
    noisy_digits = np.repeat(np.arange(10), noisy_per_digit)
    x = CLEAN[noisy_digits]
{draw}    x = np.concatenate([CLEAN[clean_digits], x]).astype(np.float32)
    y = np.concatenate([clean_digits, noisy_digits])
    order = np.random.default_rng([seed, 1]).permutation(len(y))
    return x[order], y[order]


seeds = [int(seed) for seed in np.random.SeedSequence(SEED).generate_state(3)]
train_x, train_y = make_patterns(200, 2000, seeds[0])
val_x, val_y = make_patterns(40, 400, seeds[1])
test_x, test_y = make_patterns(100, 1000, seeds[2])
tests = {{
    {words * noisy}"clean patterns": (CLEAN, np.arange(10)),
}}
"""


def _mnist() -> str:
    return f"""
# The data: MNIST, from the file that MNIST_PATH names, else from Keras (which may download it).
if "MNIST_PATH" in os.environ:
    with np.load(os.environ["MNIST_PATH"]) as file:
        images, labels = file["x_train"], file["y_train"]
        test_images, test_labels = file["x_test"], file["y_test"]
else:
    (images, labels), (test_images, test_labels) = keras.datasets.mnist.load_data()


def to_inputs(images):
    \"\"\"Makes numbers from 0 to 1 of bytes, and gives every picture its one channel.\"\"\"
    return (images.astype(np.float32) / np.float32(255))[..., np.newaxis]


# {MNIST_VALIDATION:,} images are never learned from, only measured after every epoch.
order = np.random.default_rng({SPLIT_SEED}).permutation(len(images))
train, validation = order[{MNIST_VALIDATION}:], order[:{MNIST_VALIDATION}]
train_x, train_y = to_inputs(images[train]), labels[train].astype(np.int64)
val_x, val_y = to_inputs(images[validation]), labels[validation].astype(np.int64)
tests = {{"MNIST test images": (to_inputs(test_images), test_labels)}}
"""


def _from_digit_lab(config: TrainingConfig) -> str:
    noise = "None" if config.noise == "none" else f'task.noise("{config.noise}")'
    return f"""
# The data. Digit Lab makes it itself, so this script has to be run in Digit Lab's folder.
from core.tasks import get_task

task = get_task("{config.task}")
data = task.source("{config.source}").load({noise}, {config.noise_level!r}, SEED)
train_x, train_y = data.train.x, data.train.y
val_x, val_y = data.validation.x, data.validation.y
tests = {{words: (split.x, split.y) for words, split in data.tests.items()}}
"""
