"""The training runs of this server: queued, handed to workers, followed, and kept for good.

Without imports: `core.runs.manager` takes SQLAlchemy, which a server of predictions does without.
"""
