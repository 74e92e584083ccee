import io

import h5py
import numpy as np
import pytest

from core.errors import InvalidInput
from core.importing.keras_archive import weights_of
from core.importing.weights import check_weights
from core.models.store import ModelStore
from core.networks.formats import KERAS_FILE


def made(fill):
    """Returns an HDF5 file that a function fills."""
    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        file.create_dataset("layers/dense/vars/0", data=np.zeros((7, 10), np.float32))
        fill(file)
    return out.getvalue()


def test_the_weights_of_a_network_pass():
    data = weights_of(ModelStore().get("handwritten-cnn").read(KERAS_FILE))
    check_weights(data, max_numbers=2_000_000)
    with pytest.raises(InvalidInput, match="more than 1,000 weights"):
        check_weights(data, max_numbers=1_000)


def external_link(file):
    file["x"] = h5py.ExternalLink("/etc/passwd", "/")


def soft_link(file):
    file["x"] = h5py.SoftLink("/layers")


def external_data(file):
    file.create_dataset("x", (10,), np.uint8, external=[("/etc/passwd", 0, 10)])


def virtual(file):
    layout = h5py.VirtualLayout((10,), np.float32)
    layout[:] = h5py.VirtualSource("/tmp/other.h5", "x", shape=(10,))
    file.create_virtual_dataset("x", layout)


def text(file):
    file["x"] = "os.system"


def named_type(file):
    file["x"] = np.dtype("f4")


def giant(file):
    file.create_dataset("x", (10**6, 10**6), np.float32, chunks=(1000, 1000), compression="gzip")


def circle(file):
    file["layers/again"] = file["layers"]


def many(file):
    for number in range(5_001):
        file.create_group(f"g{number}")


@pytest.mark.parametrize(
    ("fill", "said"),
    [
        (external_link, "another place or file"),
        (soft_link, "another place or file"),
        (external_data, "another file"),
        (virtual, "another file"),
        (text, "something else than numbers"),
        (named_type, "something else than numbers"),
        (giant, "weights"),
        (circle, "more parts"),
        (many, "more parts"),
    ],
)
def test_what_points_elsewhere_or_has_no_end_is_refused(fill, said):
    with pytest.raises(InvalidInput, match=said):
        check_weights(made(fill), max_numbers=2_000_000)


def test_what_is_cut_off_or_no_such_file_is_refused():
    whole = made(lambda file: None)
    for data in (b"", b"text", whole[:100], whole[: len(whole) // 2], bytes(1000)):
        with pytest.raises(InvalidInput, match="damaged"):
            check_weights(data, max_numbers=1000)
