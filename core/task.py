"""The address of tasks before `core.tasks`, which scripts and tasks of that time use."""

from core.tasks.base import DataSource, Task, tasks
from core.tasks.base import get_task as task

__all__ = ["DataSource", "Task", "task", "tasks"]
