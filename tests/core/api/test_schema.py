"""The whole API against its own description, with requests that schemathesis makes up."""

import asyncio
from collections import Counter

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from core.api.app import create_app
from core.settings import Settings

CASES = 2_000
FEW = 20
REAL = {"name": "seven-segment", "version": "1"}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def api():
    return create_app(Settings(api_rate=1_000_000))


@pytest.fixture
def send(api):
    """Sends a made-up request, in one event loop for all: quicker than schemathesis does it."""
    client = httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://localhost")
    with asyncio.Runner() as runner:

        def send_one(case):
            arguments = case.as_transport_kwargs(base_url="http://localhost")
            prepared = requests.Request(**arguments).prepare()
            return runner.run(
                client.request(
                    prepared.method,
                    prepared.url,
                    headers=list(prepared.headers.items()),
                    content=prepared.body,
                )
            )

        yield send_one
        runner.run(client.aclose())


def test_nothing_that_clients_send_breaks_the_server(api, send):
    schema = schemathesis.openapi.from_asgi("/v1/openapi.json", api)
    operations = [result.ok() for result in schema.get_all_operations()]
    with_body = [each for each in operations if each.body]
    # Of an address alone there is less to vary than of a body, which comes right and wrong.
    addresses = len(operations) - len(with_body)
    examples = (CASES - addresses) // (2 * len(with_body)) + 1
    statuses = Counter()

    def ask_often(operation, mode, examples):
        @settings(
            max_examples=examples,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case):
            if operation in with_body:  # to come as far as to the body
                case.path_parameters.update(
                    {key: REAL[key] for key in case.path_parameters if key in REAL}
                )
                case.query.pop("model", None)
            response = send(case)
            statuses[response.status_code] += 1
            case.validate_response(response, checks=CHECKS)

        ask()

    for operation in operations:
        if operation not in with_body:
            ask_often(operation, GenerationMode.POSITIVE, FEW)
        else:
            ask_often(operation, GenerationMode.POSITIVE, examples)
            ask_often(operation, GenerationMode.NEGATIVE, examples)
    assert sum(statuses.values()) >= CASES
    assert {200, 400, 404} < set(statuses)
    assert max(statuses) < 500
