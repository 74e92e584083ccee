"""What a network takes of a microcontroller, in words."""

from __future__ import annotations

from core.errors import ModelUnusable
from core.models.saved_model import SavedModel
from ui.services.exports import microcontroller_needs

# Measured on a Cortex-M4 for every bundled network, with the functions of the C library.
_CODE = "2 to 4 kB"


def needs_with_integers(model: SavedModel) -> str:
    """Tells flash, RAM and multiplications with 8-bit weights."""
    return _words(model, int8=True)


def needs_with_floats(model: SavedModel) -> str:
    """Tells flash, RAM and multiplications with float weights."""
    return _words(model, int8=False)


def _words(model: SavedModel, *, int8: bool) -> str:
    needs = microcontroller_needs(model, int8)
    if isinstance(needs, str):
        raise ModelUnusable(needs)
    return (
        f"**Flash:** {needs.constants:,} bytes of constants, and {_CODE} of code · **RAM:**"
        f" {needs.ram:,} bytes, {needs.input:,} of them for the input, and up to {needs.stack} of"
        f" stack · **Multiplications:** {needs.multiplications:,} for one answer"
    )
