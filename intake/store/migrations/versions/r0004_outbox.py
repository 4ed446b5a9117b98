"""Mail to offices: what is to be sent, the last round of each office, and what was announced."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables, and room for the mark of a grant that was announced."""
    op.add_column("grants", sa.Column("announced", sa.Boolean))
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("subject", sa.String(96), nullable=False, unique=True),
        sa.Column("kind", sa.String(9), nullable=False),
        sa.Column("office", sa.String(32), nullable=False),
        sa.Column("recipient", sa.String(8), nullable=False),
        sa.Column("entry", sa.String(32)),
        sa.Column("dead", sa.Boolean, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_try", sa.BigInteger, nullable=False),
        sa.Column("error", sa.String(16), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rounds",
        sa.Column("office", sa.String(32), primary_key=True),
        sa.Column("decided", sa.BigInteger, nullable=False),
        sa.Column("reminded", sa.Date),
        sa.Column("alarmed", sa.BigInteger),
        sqlite_with_rowid=False,
    )
