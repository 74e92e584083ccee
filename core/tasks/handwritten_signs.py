"""The task of reading the ten digits and two signs that one person has taught a network."""

from __future__ import annotations

import dataclasses

from core.tasks import handwritten

# Only the digits have data that everybody shares: what a sign looks like, its owner's samples say.
TASK = dataclasses.replace(
    handwritten.TASK,
    name="handwritten-signs",
    title="Handwritten digits and own signs",
    description="A small grey picture: is it a digit, or one of two signs of a person's own?",
    order=4,
    classes=(*handwritten.TASK.classes, "sign A", "sign B"),
    architectures={},
    recipes=(),
    default_model="",
    needs_own_samples=True,
)
