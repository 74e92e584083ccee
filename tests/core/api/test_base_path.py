"""The API of a server whose addresses are all below a path."""

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from core.api.mounting import WithApi

PAGE = PlainTextResponse("a page")


@pytest.mark.parametrize(
    ("base", "path", "is_api"),
    [
        ("", "/v1/models", True),
        ("lab", "/lab/v1/models", True),
        ("/lab/", "/lab/v2/health/live", True),
        ("lab", "/v1/models", False),
        ("lab", "/labor/v1/models", False),
        ("lab", "/lab", False),
        ("", "/v1models", False),
    ],
)
def test_only_what_is_below_the_path_goes_to_the_api(base, path, is_api):
    client = TestClient(WithApi(PAGE, managers=None, base=base))
    answer = client.get(path)
    assert (answer.text != "a page") == is_api
    if is_api:
        assert answer.status_code == 200, answer.text
