"""The layers of networks in a beginner's words."""

from __future__ import annotations

from collections.abc import Sequence

_TITLES = {
    "AveragePooling2D": "Average pooling",
    "BatchNormalization": "Batch normalisation",
    "Conv2D": "Convolution",
    "Dense": "Dense",
    "GlobalAveragePooling2D": "Global average",
    "MaxPooling2D": "Max-pooling",
}
_DOES = {
    "Add": "adds up what several layers hand on",
    "Activation": "bends the numbers, so that layers do more than add up",
    "AveragePooling2D": "keeps the mean of each small square: the maps shrink",
    "BatchNormalization": "brings every map to about the same spread",
    "Concatenate": "puts what several layers hand on side by side",
    "Conv2D": "slides small filters over the picture; each makes one map",
    "Dense": "weighs all numbers before it, once for each unit",
    "Dropout": "does nothing now; in training it switches units off by chance",
    "Flatten": "puts all numbers in one row and changes none",
    "GlobalAveragePooling2D": "keeps the mean of every map",
    "MaxPooling2D": "keeps the largest number of each small square: the maps shrink",
    "ReLU": "sets everything below zero to zero",
    "Softmax": "turns the scores into probabilities",
}
UNCHANGED = ("Flatten", "Dropout")  # what goes in comes out, so there is nothing new to see


def layer_title(kind: str) -> str:
    """Returns what a person calls a kind of layer."""
    return _TITLES.get(kind, kind)


def layer_does(kind: str) -> str:
    """Returns in a few words what it does; empty for a kind that is not known."""
    return _DOES.get(kind, "")


def shape_words(shape: Sequence[int]) -> str:
    """Returns the size of what a layer hands on: "26×26, 32 maps" or "64 units"."""
    if len(shape) == 3:
        height, width, maps = shape
        return f"{height}×{width}, {maps} {'map' if maps == 1 else 'maps'}"
    if len(shape) == 1:
        return f"{shape[0]} units"
    return "×".join(map(str, shape))
