"""A FastAPI route that reads rows as JSON and answers as many rows that never change.

What an answer over HTTP costs without a network: the body is read and parsed, and an answer of the
same size is written.
"""

from typing import Any

import orjson
from fastapi import FastAPI, Request
from starlette.responses import Response

ROW = [0.018273645 + 0.0180123 * place for place in range(10)]  # as long as probabilities are
app = FastAPI()


@app.post("/v1/models/{name}:predict")
async def predict(name: str, request: Request) -> Response:
    """Answers the same probabilities for every row."""
    rows: list[Any] = orjson.loads(await request.body())["instances"]
    answer = orjson.dumps({"predictions": [ROW] * len(rows)})
    return Response(answer, media_type="application/json")


@app.get("/v2/health/ready")
async def ready() -> dict[str, bool]:
    """Says that it is there."""
    return {"ready": True}
