"""The proxies' settings, read by the proxies themselves and used in front of a server."""

import contextlib
import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from threading import Thread

import pytest
from websockets.sync.client import connect
from websockets.sync.server import serve

from tests.running_app import REPOSITORY, free_port
from tests.support.image import IN_HERE
from tests.support.patience import PATIENCE, wait_until

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")


@pytest.fixture
def server():
    """A server that sends websocket messages back, and says under which name it was asked."""

    def answer(connection):
        host = connection.request.headers["Host"]
        for message in connection:
            connection.send(f"{host} {message}")

    with serve(answer, "127.0.0.1", 0) as running:
        thread = Thread(target=running.serve_forever)
        thread.start()
        yield running.socket.getsockname()[1]
        running.shutdown()
        thread.join()


def hides_metrics(port):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"http://localhost:{port}/metrics", timeout=PATIENCE)
    return refused.value.code == 404  # the server behind it would say 426


def said_through(port):
    with connect(f"ws://localhost:{port}/_stcore/stream", open_timeout=PATIENCE) as connection:
        connection.send("hello")
        return connection.recv(timeout=PATIENCE)


@contextlib.contextmanager
def running(words, port, **options):
    process = subprocess.Popen(words, **options)
    try:

        def answers():
            assert process.poll() is None, "it has ended"
            with contextlib.suppress(OSError), connect(f"ws://localhost:{port}/"):
                return True

        wait_until(answers, "it does not answer")
        yield
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def caddy(port, upstream, folder):
    """The words and the environment by which Caddy runs in front of one port of this machine."""
    variables = {"SITE": f"http://:{port}", "APP": "localhost", "APP_PORT": str(upstream)}
    variables |= {"PATH": os.environ["PATH"], "HOME": str(folder)}
    file = REPOSITORY / "deploy" / "Caddyfile"
    return [IN_HERE / "caddy", "run", "--adapter", "caddyfile", "--config", file], variables


def test_caddy_passes_websockets_and_keeps_a_visitor_with_a_server(server, tmp_path):
    port = free_port()
    words, variables = caddy(port, server, tmp_path)
    with running(words, port, env=variables, stderr=subprocess.DEVNULL):
        assert said_through(port) == f"localhost:{port} hello"
        assert hides_metrics(port)
        with connect(f"ws://localhost:{port}/") as connection:
            cookie = connection.response.headers["Set-Cookie"]
    assert cookie.startswith("digit_lab_server=")


def test_caddy_has_a_certificate_for_a_site_and_no_way_in_to_change_it(tmp_path):
    variables = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "SITE": "lab.school.example"}
    words = [IN_HERE / "caddy", "adapt", "--config", REPOSITORY / "deploy" / "Caddyfile"]
    done = subprocess.run(words, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)
    assert read["admin"] == {"disabled": True}
    (site,) = read["apps"]["http"]["servers"].values()
    assert site["listen"] == [":443"]
    assert site["routes"][0]["match"] == [{"host": ["lab.school.example"]}]


def test_nginx_passes_websockets(server, tmp_path):
    if NGINX is None:
        if os.environ.get("DIGIT_LAB_REQUIRE_NGINX") == "1":
            pytest.fail("no nginx on this machine")
        pytest.skip("no nginx on this machine; on Debian: apt-get install nginx-light")
    port = free_port()
    ours = (REPOSITORY / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    ours = ours.replace("one:8501", f"127.0.0.1:{server}").replace("two:8501", "127.0.0.1:9 down")
    ours = ours.replace("listen 80;", f"listen 127.0.0.1:{port};")
    places = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = f"daemon off; pid {tmp_path}/pid; error_log stderr; worker_processes 1;\nevents {{}}\n"
    whole += f"http {{ access_log off;\n{places}{ours} }}\n"
    file = tmp_path / "nginx.conf"
    file.write_text(whole)
    done = subprocess.run([NGINX, "-t", "-c", file], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with running([NGINX, "-c", file], port, stderr=subprocess.DEVNULL):
        assert said_through(port) == f"localhost:{port} hello"
        assert hides_metrics(port)


def test_the_readme_points_to_the_one_example():
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert "deploy/nginx.conf" in readme
    assert "proxy_pass" not in readme
