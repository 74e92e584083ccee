"""Everything that a saved model can be taken away as, for pages and the command line.

A new format is a module with a `Format`, and a line here. What pages say of it is in
`ui/models/offers.py`.
"""

from __future__ import annotations

from core.errors import InvalidInput
from core.export import html_page, int8, microcontroller, model_files, onnx_file, run_code
from core.export.format import Exported, Format, QuickFormat, Report, WorkerFormat
from core.models.saved_model import SavedModel

FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        model_files.KERAS,
        model_files.LITERT,
        int8.INT8,
        onnx_file.ONNX,
        run_code.NOTEBOOK,
        run_code.SCRIPT,
        html_page.HTML,
        microcontroller.C_INT8,
        microcontroller.C_FLOAT,
        model_files.CARD,
    )
}


def make(model: SavedModel, each: Format, report: Report) -> Exported:
    """Returns a model in a format: what is kept beside its card, else made now.

    Raises:
        InvalidInput: if it cannot be given so.
        DigitLabError: if the file cannot be made.
    """
    if why := each.unavailable(model):
        raise InvalidInput(f"{model.name} cannot be given as {each.name}: {why}")
    if isinstance(each, QuickFormat):
        return Exported(each.make(model))
    assert isinstance(each, WorkerFormat)
    return each.kept(model) or each.make(model, report)
