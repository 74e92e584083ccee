"""The layers of networks in a beginner's words."""

from __future__ import annotations

from collections.abc import Sequence

from core.explain.forward import Column

_TITLES = {
    "AveragePooling2D": "Average pooling",
    "BatchNormalization": "Batch normalisation",
    "Conv2D": "Convolution",
    "Dense": "Dense",
    "GlobalAveragePooling2D": "Global average",
    "MaxPooling2D": "Max-pooling",
    "SimpleRNN": "Simple recurrent",
}
_DOES = {
    "Add": "adds the outputs of several layers",
    "Activation": "bends every number (tanh, sigmoid or GELU), so that layers do more than add up",
    "AveragePooling2D": "averages each small square: the maps shrink",
    "BatchNormalization": "scales every map to about the same range",
    "Concatenate": "joins the outputs of several layers",
    "Conv2D": "slides small filters over the picture; each produces one map",
    "Dense": "computes a weighted sum of all inputs for each unit",
    "Dropout": "switches random units off during training; does nothing now",
    "Flatten": "puts all numbers in one row, unchanged",
    "GRU": "reads the sequence step by step; gates decide what its state keeps",
    "GlobalAveragePooling2D": "averages each whole map",
    "LSTM": "reads the sequence step by step; gates decide what its memory keeps",
    "MaxPooling2D": "keeps the largest number of each small square: the maps shrink",
    "ReLU": "sets negative numbers to zero",
    "SimpleRNN": "reads the sequence step by step and keeps a state of what came before",
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
    if len(shape) == 2:
        return f"{shape[0]} steps, {shape[1]} units"
    if len(shape) == 1:
        return f"{shape[0]} units"
    return "×".join(map(str, shape))


def column_title(column: Column) -> str:
    """Returns the title of a column in the diagram of a network."""
    if column.kind == "hidden":
        return f"Hidden layer {column.layer}"
    return "Input" if column.kind == "input" else "Scores"
