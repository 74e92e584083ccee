"""The tasks, a module each. `core.task.tasks` finds every module here that binds `TASK`."""
