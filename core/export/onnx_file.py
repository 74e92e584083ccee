"""A network as an ONNX file, which runtimes for many languages and machines read."""

from __future__ import annotations

from core.export.format import Exported, Report, WorkerFormat, needs_network
from core.models.saved_model import SavedModel
from core.networks.formats import KERAS_FILE


def _make(model: SavedModel, report: Report) -> Exported:
    from core.export.onnx_conversion import to_onnx

    report("Converting the network")
    return Exported(to_onnx(model.read(KERAS_FILE), model))


ONNX = WorkerFormat(
    name="onnx", title="ONNX file", ending=".onnx", unavailable=needs_network, make=_make
)
