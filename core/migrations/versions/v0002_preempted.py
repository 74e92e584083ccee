"""A paused run that has left its worker is "preempted", no longer "parked"."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

EVENTS = sa.table(
    "events",
    sa.column("run_id", sa.String),
    sa.column("number", sa.Integer),
    sa.column("content", sa.JSON),
)


def upgrade() -> None:
    """Renames the entry in every event that has it."""
    connection = op.get_bind()
    for row in connection.execute(sa.select(EVENTS)).all():
        if "parked" in row.content:
            content = dict(row.content)
            content["preempted"] = content.pop("parked")
            connection.execute(
                sa.update(EVENTS)
                .where(EVENTS.c.run_id == row.run_id, EVENTS.c.number == row.number)
                .values(content=content)
            )
