"""The formats of microcontrollers: a C99 project with 8-bit weights, or with floats."""

from __future__ import annotations

from functools import partial

from core.export.c_accuracy import int8_accuracy
from core.export.c_flash import flash_on_arm
from core.export.c_network import Needs, needs_of
from core.export.c_project import network_of, project_files
from core.export.format import Exported, Report, WorkerFormat
from core.export.plans import needs_plan, plan_of
from core.export.zip_file import zipped
from core.metrics.accuracy import percent
from core.models.saved_model import SavedModel


def microcontroller_needs(model: SavedModel, *, int8: bool) -> Needs:
    """Returns what a network takes of a microcontroller.

    Raises:
        ModelUnusable: if it cannot be written as a program.
    """
    return needs_of(plan_of(model), int8=int8)


def _make(model: SavedModel, report: Report, *, int8: bool) -> Exported:
    report("Writing the network in C")
    network = network_of(model, int8=int8)
    measured: dict[str, str] = {}
    notes: list[str] = []
    if not int8:
        if model.figures:
            measured["Accuracy"] = str(model.figures[0])
    elif found := int8_accuracy(model, plan_of(model), network.steps, report):
        same = f"{found.same:,} of {found.after.total:,}"
        measured |= {
            "Accuracy": str(found.after),
            "Accuracy with float weights": str(found.before),
            "Same answer with both": same,
        }
        notes.append(
            f"Accuracy with 8-bit weights: {found.after}. With floats it is"
            f" {percent(found.before.value)} of them; {same} answers are the same."
        )
    else:
        notes.append("Its accuracy with 8-bit weights is unknown: its test data is not here.")
    report("Writing the project")
    files = project_files(model, network, measured)
    notes.append(_needs_words(network.needs, flash_on_arm(files)))
    return Exported(zipped(files), tuple(notes))


def _needs_words(needs: Needs, flash: int | None) -> str:
    if flash is None:
        in_flash = f"{needs.constants:,} bytes of constants in flash, besides the code"
    else:
        in_flash = f"{flash:,} bytes of flash on a Cortex-M4, measured with the code"
    return (
        f"It takes {in_flash}; {needs.ram:,} bytes of RAM and up to {needs.stack} of stack; and"
        f" {needs.multiplications:,} multiplications for one answer."
    )


C_INT8 = WorkerFormat(
    name="c-int8",
    title="C project with 8-bit weights",
    ending="-c-int8.zip",
    mime="application/zip",
    unavailable=needs_plan,
    make=partial(_make, int8=True),
)
C_FLOAT = WorkerFormat(
    name="c-float",
    title="C project with float weights",
    ending="-c-float.zip",
    mime="application/zip",
    unavailable=needs_plan,
    make=partial(_make, int8=False),
)
