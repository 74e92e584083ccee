"""The HTTP API at a real address, in the test's own process."""

import contextlib
import threading

import uvicorn

from core.api.sockets import listen
from tests.support.patience import wait_until


@contextlib.contextmanager
def listening(app):
    """Serves an ASGI application at a free port; yields its address."""
    with listen("localhost", 0) as place:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [place]}, daemon=True)
        thread.start()
        wait_until(lambda: server.started)
        try:
            yield f"http://localhost:{place.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
