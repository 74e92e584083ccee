"""The task of telling apart wines of three cultivars by a chemical analysis."""

from __future__ import annotations

from core.tasks.tables import built_in_task

TASK = built_in_task("wine", order=51)
