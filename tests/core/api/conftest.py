"""The API with the bundled models, asked in its own process without a socket."""

import pytest
from starlette.testclient import TestClient

from core.api.app import create_app
from core.settings import Settings


@pytest.fixture(scope="session")
def client():
    """Asks one API that all tests share."""
    with TestClient(create_app(Settings())) as asking:
        yield asking
