"""The tasks, a module each. `tasks` finds every module here that binds `TASK`."""

from core.tasks.base import DataSource, Task, get_task, tasks
from core.tasks.recipe import Recipe

__all__ = ["DataSource", "Recipe", "Task", "get_task", "tasks"]
