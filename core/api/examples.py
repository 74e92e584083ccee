"""Examples for the documentation page; each is a request that works with the bundled models."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel

ZERO, EIGHT = [1, 1, 1, 1, 1, 1, 0], [1, 1, 1, 1, 1, 1, 1]
_SEGMENTS = "seven-segment"
_NAME: Any = {"usual": {"value": _SEGMENTS}}
_VERSION: Any = {"usual": {"value": "1"}}
Name = Annotated[str, Path(description="a model's name", openapi_examples=_NAME)]
Version = Annotated[
    str,
    Path(description="1, the only one", openapi_examples=_VERSION, pattern="^[0-9]{1,18}$"),
]

PREDICT: dict[str, Any] = {
    "row format": {
        "summary": "two seven-segment patterns, as rows",
        "value": {"instances": [ZERO, EIGHT]},
    },
    "row format, named": {
        "summary": "the same with the input's name, and all outputs",
        "value": {
            "signature_name": "answer",
            "instances": [{"input": ZERO}, {"input": EIGHT}],
        },
    },
    "column format": {
        "summary": "the same as one list",
        "value": {"inputs": {"input": [ZERO, EIGHT]}},
    },
}

INFER: dict[str, Any] = {
    "JSON": {
        "summary": "two seven-segment patterns, and the digits that they show",
        "value": {
            "inputs": [
                {"name": "input", "shape": [2, 7], "datatype": "FP32", "data": [ZERO, EIGHT]}
            ],
            "outputs": [{"name": "class"}],
        },
    },
}

SEGMENTS: dict[str, Any] = {
    "one": {"summary": "a pattern", "value": {"patterns": "1111110"}},
    "several": {"summary": "a list", "value": {"patterns": ["1111110", "0110000"]}},
}


def body(model: type[BaseModel], values: dict[str, Any]) -> dict[str, Any]:
    """Describes a JSON body that a route reads itself.

    Args:
        model: its form.
        values: named examples.
    """
    schema = model.model_json_schema()
    content = {"application/json": {"schema": schema, "examples": values}}
    return {"requestBody": {"required": True, "content": content}}
