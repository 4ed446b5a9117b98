"""What is on hold, canaries, and what the store remembers of itself."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables, and let a case be urgent."""
    urgent = sa.Column("urgent", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("cases", urgent)
    op.create_table(
        "holds",
        sa.Column("case", sa.String(32), sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("reader", sa.String(32), primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "canaries",
        sa.Column("case", sa.String(32), primary_key=True),
        sa.Column("code_hash", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("day", sa.Date, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "remembered",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
        sqlite_with_rowid=False,
    )
