"""The task of telling three species of iris apart by four lengths."""

from __future__ import annotations

from core.tasks.tables import built_in_task

TASK = built_in_task("iris", order=50)
