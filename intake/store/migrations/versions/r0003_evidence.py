"""Sealed files, and which entries name them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "evidence",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("case", sa.String(32), sa.ForeignKey("cases.id"), index=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("whole", sa.Boolean, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "exhibits",
        sa.Column("entry", sa.String(32), sa.ForeignKey("entries.id"), primary_key=True),
        sa.Column(
            "evidence",
            sa.String(32),
            sa.ForeignKey("evidence.id"),
            primary_key=True,
            index=True,
        ),
        sqlite_with_rowid=False,
    )
