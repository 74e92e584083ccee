"""The training runs of this server: queued, handed to workers, followed, and kept for good."""

from core.runs.info import RunInfo
from core.runs.manager import Runs

__all__ = ["RunInfo", "Runs"]
