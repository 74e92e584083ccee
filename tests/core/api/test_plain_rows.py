"""The quick reader answers as the reader of every form does, or leaves the request to it."""

import json
import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.api.plain_rows import plain_rows
from core.api.problems import Refused
from core.api.tensors import MAX_WHOLE, parse_json, to_array

SHAPES = ((3,), (2, 2), (2, 1, 1))
numbers = st.one_of(
    st.floats(-1e6, 1e6),
    st.integers(-(2**30), 2**30),
    st.sampled_from([0.0, -0.0, 1e-320, 10**400]),
)


def quick(body, shape):
    return plain_rows(body, shape, MAX_WHOLE, lambda rows: None)


def thorough(body, shape):
    """Returns what the reader of every form makes of it, or None where it refuses."""
    try:
        wanted = parse_json(body, not_finite=True)
        return to_array(wanted["instances"], shape, body, "input")
    except (Refused, KeyError):
        return None


@st.composite
def requests(draw):
    """Makes a request that is right, and in which some characters may then be wrong."""
    shape = draw(st.sampled_from(SHAPES))
    rows = draw(st.integers(1, 3))
    values = [draw(numbers) for _ in range(rows * math.prod(shape))]
    for size in reversed(shape):
        values = [values[start : start + size] for start in range(0, len(values), size)]
    text = json.dumps({"instances": values}, indent=draw(st.sampled_from([None, 1])))
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(text)))
        kept = draw(st.integers(0, 1))
        text = text[:place] + draw(st.sampled_from('[],1.e- {}"t')) + text[place + kept :]
    return text.encode(), shape


@given(requests())
@example((b'{"instances":[[1,2]5,[3,4]]}', (2,)))
@example((b'{"instances":[[1,2],4[3,4]]}', (2,)))
@example((b'{"instances":[[1 ,2,3]]}', (3,)))
@example((b'{"instances":[[1,2 3]]}', (3,)))
@example((b'{"instances":[[],[1]]}', (1,)))
@example((b'{"instances":[[1,2,03]]}', (3,)))
def test_it_reads_the_same_or_nothing(request_and_shape):
    body, shape = request_and_shape
    found, expected = quick(body, shape), thorough(body, shape)
    if found is not None:
        assert expected is not None
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == np.float32


@pytest.mark.parametrize(
    "head", [b"", b'"signature_name":"",', b'"signature_name" : "serving_default" ,']
)
def test_the_usual_request_is_read_at_once(head):
    body = b" {" + head + b'"instances": [[[1, 2.5], [-3e-1, 4]]] }\n'
    np.testing.assert_allclose(quick(body, (2, 2)), [[[1, 2.5], [-0.3, 4]]], rtol=1e-6)


@pytest.mark.parametrize(
    "body",
    [
        b'{"signature_name":"answer","instances":[[1,2,3]]}',
        b'{"instances":[{"input":[1,2,3]}]}',
        b'{"instances":[[1,2,NaN]]}',
        b'{"instances":[[1,2,true]]}',
        b'{"instances":[[1,2,16777216]]}',
        b'{"instances":[]}',
        b'{"instances":[[1,2,3]]',
        b"",
    ],
)
def test_what_is_more_or_less_than_rows_is_left(body):
    assert quick(body, (3,)) is None


def test_rows_are_counted_before_their_numbers_are_read():
    def check(rows):
        raise Refused(413, str(rows))

    with pytest.raises(Refused, match="2"):
        plain_rows(b'{"instances":[[,],[,]]}', (2,), MAX_WHOLE, check)
