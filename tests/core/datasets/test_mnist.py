import contextlib
import hashlib
import socket
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest

from core.datasets import mnist
from core.errors import DataUnavailable

CONTENT = b"stands for the data" * 10_000


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch, tmp_path):
    monkeypatch.delenv("MNIST_PATH", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))


@pytest.fixture
def server():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/missing":
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(CONTENT[: len(CONTENT) // 2] if self.path == "/cut" else CONTENT)

        def log_message(self, *arguments):
            pass

    http = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{http.server_port}"
    http.shutdown()
    http.server_close()


def leftovers():
    folder = mnist.cache_path().parent
    return list(folder.iterdir()) if folder.exists() else []


def test_a_download_is_checked_and_kept_where_keras_looks(server):
    told = []
    path = mnist.download(
        lambda done, total: told.append((done, total)),
        url=f"{server}/mnist.npz",
        sha256=hashlib.sha256(CONTENT).hexdigest(),
    )
    assert path == mnist.cache_path() == mnist.find()
    assert path.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert leftovers() == [path]


@pytest.mark.parametrize("path", ["/mnist.npz", "/cut", "/missing"])
def test_a_download_that_goes_wrong_leaves_nothing(server, path):
    with pytest.raises(DataUnavailable, match=r"\."):
        mnist.download(url=server + path)
    assert leftovers() == []


def test_offline_is_said_in_a_sentence():
    with pytest.raises(DataUnavailable, match="offline"):
        mnist.download(url="http://127.0.0.1:9/mnist.npz")
    assert leftovers() == []


def test_without_a_file_it_is_missing_and_says_so():
    assert "not on this machine" in str(mnist.missing())


def test_a_wrong_path_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("MNIST_PATH", str(tmp_path / "nothing.npz"))
    assert "nothing.npz" in str(mnist.missing())


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"text"])
def test_a_damaged_file_is_refused(monkeypatch, tmp_path, content):
    path = tmp_path / "mnist.npz"
    path.write_bytes(content)
    monkeypatch.setenv("MNIST_PATH", str(path))
    with pytest.raises(DataUnavailable, match="not a readable"):
        mnist.read("x_test")


def test_a_file_damaged_in_the_middle_is_refused(monkeypatch, tmp_path):
    path = tmp_path / "mnist.npz"
    labels = np.random.default_rng(0).integers(0, 10, 10_000).astype(np.uint8)
    np.savez_compressed(path, y_test=labels)
    monkeypatch.setenv("MNIST_PATH", str(path))
    assert (mnist.read("y_test")[0] == labels).all()
    whole = path.read_bytes()
    for place in range(0, len(whole), len(whole) // 200):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        with contextlib.suppress(DataUnavailable):  # some bytes, such as dates, mean nothing
            assert (mnist.read("y_test")[0] == labels).all()


def test_a_single_array_is_not_mnist(monkeypatch, tmp_path):
    np.save(tmp_path / "array.npy", np.zeros(3))
    monkeypatch.setenv("MNIST_PATH", str(tmp_path / "array.npy"))
    with pytest.raises(DataUnavailable):
        mnist.read("x_test")


def test_a_member_that_is_no_array_is_refused(monkeypatch, tmp_path):
    path = tmp_path / "mnist.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x_test.npy", "text")
    monkeypatch.setenv("MNIST_PATH", str(path))
    with pytest.raises(DataUnavailable):
        mnist.read("x_test")


def test_labels_beyond_9_are_refused(monkeypatch, tmp_path):
    path = tmp_path / "mnist.npz"
    np.savez(path, y_test=np.full(10_000, 10, np.uint8))
    monkeypatch.setenv("MNIST_PATH", str(path))
    with pytest.raises(DataUnavailable, match="label 10"):
        mnist.read("y_test")


@pytest.mark.parametrize(
    "answer",
    [
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\ncut",
        b"",
    ],
    ids=["no HTTP", "cut chunk", "nothing"],
)
def test_an_answer_that_is_not_understood_leaves_nothing(answer):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with pytest.raises(DataUnavailable):
            mnist.download(url=f"http://127.0.0.1:{listener.getsockname()[1]}/mnist.npz")
        thread.join()
    assert leftovers() == []


@pytest.mark.parametrize(
    "arrays",
    [
        {"x_test": np.zeros((10, 28, 28), np.uint8)},
        {"x_test": np.zeros((10_000, 28, 28), np.float32)},
        {"other": np.zeros(1)},
        {"x_test": np.array([{}], dtype=object)},
    ],
)
def test_another_data_set_is_refused(monkeypatch, tmp_path, arrays):
    path = tmp_path / "mnist.npz"
    np.savez(path, **arrays)
    monkeypatch.setenv("MNIST_PATH", str(path))
    with pytest.raises(DataUnavailable):
        mnist.read("x_test")
