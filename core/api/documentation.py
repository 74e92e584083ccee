"""The page that documents the API: Swagger UI, from this computer alone."""

from __future__ import annotations

import gzip
from functools import cache, lru_cache
from importlib.resources import files

import orjson
from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import RedirectResponse, Response

from core.api.problems import Refused

DOCS, SCHEMA = "/v1/docs", "/v1/openapi.json"
# The package brings Swagger UI's files along; nothing else of it is used.
_PACKAGE = "fastapi_offline"
_FILES = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon.png": "image/png",
}
_SETTINGS = {
    "defaultModelsExpandDepth": -1,  # the forms of bodies stand beside each route already
    "displayRequestDuration": True,
    "tryItOutEnabled": True,
    "syntaxHighlight": False,  # slow on long answers
    "validatorUrl": None,
}

router = APIRouter(include_in_schema=False)


@router.get("/")
async def root() -> Response:
    """Leads to the page."""
    return RedirectResponse(DOCS.removeprefix("/"))


@router.get(DOCS)
async def page() -> Response:
    """Returns the page; its links are relative, for servers behind a path of a proxy."""
    return get_swagger_ui_html(
        openapi_url="openapi.json",
        title="Digit Lab API",
        swagger_js_url="docs/swagger-ui-bundle.js",
        swagger_css_url="docs/swagger-ui.css",
        swagger_favicon_url="docs/favicon.png",
        swagger_ui_parameters=_SETTINGS,
    )


@router.get(SCHEMA)
def schema(request: Request) -> Response:
    """Returns the OpenAPI description; to make it takes a while, so it has a thread."""
    return Response(_schema(request.app), media_type="application/json")


@lru_cache(maxsize=1)
def _schema(api: FastAPI) -> bytes:
    return orjson.dumps(api.openapi())


@router.get(f"{DOCS}/{{file}}")
def page_file(file: str, request: Request) -> Response:
    """Returns one of the page's files."""
    if file not in _FILES:
        raise Refused(404, "The documentation has no such file.")
    headers = {"Cache-Control": "public, max-age=86400", "Vary": "Accept-Encoding"}
    accepted = request.headers.get("accept-encoding", "")
    packed = "gzip" in accepted
    if packed:
        headers["Content-Encoding"] = "gzip"
    return Response(_content(file, packed=packed), media_type=_FILES[file], headers=headers)


@cache
def _content(file: str, *, packed: bool) -> bytes:
    data = (files(_PACKAGE) / "static" / file).read_bytes()
    return gzip.compress(data, 6) if packed else data
