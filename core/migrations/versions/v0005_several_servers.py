"""Several servers share the database: each run and search is leased to one of them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Makes the tables and columns; the one server that was known so far is forgotten."""
    op.drop_table("servers")
    op.create_table(
        "servers",
        sa.Column("token", sa.String(32), primary_key=True),
        sa.Column("machine", sa.String(255), nullable=False),
        sa.Column("process", sa.Integer, nullable=False),
        sa.Column("started", sa.Double, nullable=False),
        sa.Column("beat", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "commands",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("subject", sa.String(32), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
    )
    op.create_index("ix_commands_subject", "commands", ["subject"])
    op.add_column("runs", sa.Column("lease", sa.String(32)))
    op.create_index("ix_runs_lease", "runs", ["lease"])
    op.add_column(
        "runs", sa.Column("working", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.add_column("searches", sa.Column("lease", sa.String(32)))
    op.create_index("ix_searches_lease", "searches", ["lease"])
