"""Cases, entries, grants, and the logins of offices."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "cases",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("mailbox_hash", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("unscripted", sa.Boolean, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "entries",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("case", sa.String(32), sa.ForeignKey("cases.id"), nullable=False, index=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "grants",
        sa.Column("entry", sa.String(32), sa.ForeignKey("entries.id"), primary_key=True),
        sa.Column("reader", sa.String(32), primary_key=True),
        sa.Column("header", sa.LargeBinary, nullable=False),
        sa.Column("header_digest", sa.String(64), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("fetched", sa.Date),
        sqlite_with_rowid=False,
    )
    op.create_index("grants_by_reader", "grants", ["reader", "day"])
    op.create_table(
        "challenges",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("office", sa.String(32), nullable=False),
        sa.Column("bound", sa.LargeBinary, nullable=False),
        sa.Column("token", sa.LargeBinary(32), nullable=False),
        sa.Column("expiry", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("office", sa.String(32), nullable=False),
        sa.Column("expiry", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
