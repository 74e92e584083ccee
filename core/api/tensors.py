"""Tensors as JSON has them: nested lists of numbers, checked and made into arrays, and back."""

from __future__ import annotations

import json
import math
from itertools import chain
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from core.api.problems import Refused, shown

# Whole numbers above this are not all among float32's, and TensorFlow Serving refuses them.
MAX_WHOLE = 2**24 - 1
_LARGEST = float(np.finfo(np.float32).max)
_NOT_FINITE = (b"NaN", b"Infinity")
Shape = tuple[int, ...]


def parse_json(body: bytes, *, not_finite: bool = False) -> dict[str, Any]:
    """Reads a body that must be a JSON object.

    Args:
        body: the bytes of it.
        not_finite: whether NaN, Infinity and -Infinity are read, which are not JSON. Defaults to
            False.

    Raises:
        Refused: if it is anything else.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if not (not_finite and any(token in body for token in _NOT_FINITE)):
            raise Refused(400, f"JSON Parse error: {error}") from error
        value = _parse_not_finite(body)
    if not isinstance(value, dict):
        raise Refused(400, f"Expected a JSON object. Received: {shown(value)}")
    return value


def _parse_not_finite(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"JSON Parse error: {str(error)[:200]}") from error


def write_json(value: Any) -> bytes:
    """Writes plain values and arrays as JSON; float32 in as few digits as tell it apart.

    What is not finite is written as NaN, Infinity or -Infinity, as TensorFlow Serving does.
    """
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)


def write_not_finite(value: Any) -> bytes:
    """Writes plain values as `write_json` does, with NaN, Infinity and -Infinity among them."""
    return json.dumps(value, default=lambda array: array.tolist()).encode()


def to_array(value: Any, shape: Shape, body: bytes, what: str) -> NDArray[np.float32]:
    """Turns nested lists of numbers into an array.

    Args:
        value: as it was in the request.
        shape: of one row.
        body: the request, in which a true or false would stand.
        what: what an error calls the value.

    Returns:
        float32, shape (n, *shape).

    Raises:
        Refused: if it has another shape, or holds anything but numbers that float32 can hold.
    """
    flat = _flat(value, shape)
    array = np.empty(0, object) if flat is None else _to_numbers(flat)
    # NumPy takes true for 1 where it stands among numbers.
    if array.dtype.kind not in "iuf" or b"true" in body or b"false" in body:
        _check_leaves(value, what)
        _check_shape(value, shape, what)
        if array.dtype.kind not in "iuf":
            raise Refused(400, f"Expected {what} of shape {_written(shape)}.")
    if not (array.min() >= -MAX_WHOLE and array.max() <= MAX_WHOLE):  # so for NaN, too
        _check_range(value, body, what)
    return array.astype(np.float32).reshape(-1, *shape)


def _flat(value: Any, shape: Shape) -> list[Any] | None:
    """Returns what the innermost lists hold, or None where a list has another length.

    NumPy would find that out itself, in four times as long. Texts pass: they are no numbers.
    """
    if not isinstance(value, list) or not value:
        return None
    level = value
    try:
        for size in shape:
            if set(map(len, level)) != {size}:
                return None
            level = list(chain.from_iterable(level))
    except TypeError:  # a number has no length
        return None
    return level


def _to_numbers(values: list[Any]) -> NDArray[Any]:
    """Makes an array of a list; of what is not all numbers, one of another kind."""
    try:
        return np.array(values)
    except (ValueError, OverflowError, RecursionError):
        return np.empty(0, object)


def flat_array(value: Any, dtype: type[np.generic], body: bytes, what: str) -> NDArray[np.generic]:
    """Turns nested lists of numbers, or of true and false, into a flat array of a type.

    Args:
        value: as it was in the request.
        dtype: of the numbers, such as int8, or bool.
        body: the request, in which a true or false would stand.
        what: what an error calls the value.

    Returns:
        The given type, shape (n,).

    Raises:
        Refused: if it holds anything that this type cannot hold.
    """
    flags = dtype is np.bool_
    array = _to_numbers(value).ravel()
    if array.size == 0 or array.dtype.kind not in "iufb" or b"true" in body or b"false" in body:
        leaves = _leaves(value)
        for leaf in leaves:
            if isinstance(leaf, bool) != flags or not isinstance(leaf, bool | int | float):
                expected = "true and false" if flags else "numbers"
                raise Refused(400, f"Expected {what} to hold {expected}. Received: {shown(leaf)}")
        array = np.array(leaves)
        if array.dtype.kind not in "iufb":
            raise Refused(400, f"Some numbers of {what} are too large.")
    with np.errstate(all="ignore"):
        converted = array.astype(dtype)
        if np.issubdtype(dtype, np.inexact):
            lossless = bool(np.isfinite(converted).all())
        else:
            lossless = array.dtype.kind == converted.dtype.kind or array.dtype.kind in "iu"
            lossless = lossless and np.array_equal(converted, array)
    if not lossless:
        raise Refused(400, f"Some values of {what} are no {np.dtype(dtype).name}.")
    return converted


def to_float32(values: NDArray[np.generic], what: str) -> NDArray[np.float32]:
    """Converts numbers of any type to float32.

    Raises:
        Refused: if some are finite, and too large for it.
    """
    with np.errstate(over="ignore"):
        converted = values.astype(np.float32)
    if values.dtype == np.float64 and (np.isinf(converted) & np.isfinite(values)).any():
        raise Refused(400, f"Some values of {what} are too large for FP32.")
    return converted


def _leaves(value: Any) -> list[Any]:
    level = [value]
    while any(isinstance(each, list) for each in level):
        level = [leaf for each in level for leaf in (each if isinstance(each, list) else [each])]
    return level


def _check_leaves(value: Any, what: str) -> None:
    """Refuses what is no number."""
    for leaf in _leaves(value):
        if isinstance(leaf, bool) or not isinstance(leaf, int | float):
            raise Refused(400, f"Expected {what} to hold numbers. Received: {shown(leaf)}")


def _check_range(value: Any, body: bytes, what: str) -> None:
    """Refuses what float32 cannot hold; NaN and Infinity may be where the request names them."""
    named = any(token in body for token in _NOT_FINITE)
    for leaf in _leaves(value):
        too_large = abs(leaf) > MAX_WHOLE if isinstance(leaf, int) else abs(leaf) > _LARGEST
        if too_large and not (named and isinstance(leaf, float) and math.isinf(leaf)):
            raise Refused(
                400, f"{what}: {shown(leaf)} cannot be made a float without loss of precision."
            )


def _check_shape(value: Any, shape: Shape, what: str) -> None:
    """Refuses a value whose lists have other lengths than the shape says, naming the first."""
    level = [value]
    for depth, size in enumerate((None, *shape)):
        inner: list[Any] = []
        for each in level:
            if not isinstance(each, list):
                raise Refused(
                    400,
                    f"Expected {what} of shape {_written(shape)}, a list of"
                    f" {'rows' if size is None else size} at level {depth}."
                    f" Received: {shown(each)}",
                )
            if size is not None and len(each) != size:
                raise Refused(
                    400,
                    f"Expected {what} of shape {_written(shape)}, a list of {size} at level"
                    f" {depth}. Received one of {len(each)}.",
                )
            inner.extend(each)
        level = inner
    for leaf in level:
        if isinstance(leaf, list):
            raise Refused(
                400,
                f"Expected {what} of shape {_written(shape)}: numbers at level {len(shape) + 1}."
                " Received a list.",
            )


def _written(shape: Shape) -> str:
    return f"(rows, {', '.join(map(str, shape))})"
