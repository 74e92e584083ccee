"""How much one run, and one person, may ask of the workers.

Many people may share one server. The bounds are configuration: each can be set by an environment
variable, and whoever meets one is told what it is.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields

from core.errors import InvalidInput


@dataclass(frozen=True)
class Limits:
    """The bounds of this server. Each is set by DIGIT_LAB_ and its name in capitals.

    Args:
        max_epochs: epochs of one run.
        max_parameters: weights of one network.
        max_examples: training examples of one run.
        max_runs: runs of one person that wait or are under way.
        max_kept_runs: runs of one person that are kept; deleting makes room.
        max_samples: digits in their own handwriting that are kept for one person.
        workers: processes of the local cluster; where there are several, one of them takes no
            training runs, so that short work never waits. None lets the machine decide; see
            `core.workers.cluster`.
    """

    max_epochs: int = 200
    max_parameters: int = 2_000_000
    max_examples: int = 100_000
    max_runs: int = 10
    max_kept_runs: int = 200
    max_samples: int = 2000
    workers: int | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Limits:
        """Reads the bounds, each 1 or more.

        Raises:
            InvalidInput: naming the variable that is not such a number.
        """
        values = {}
        for field in fields(cls):
            name = f"DIGIT_LAB_{field.name.upper()}"
            text = environment.get(name, "").strip()
            if text:
                if not (text.isascii() and text.isdecimal() and int(text) >= 1):
                    raise InvalidInput(f"Expected {name} to be a whole number from 1. Got: {text}")
                values[field.name] = int(text)
        return cls(**values)
