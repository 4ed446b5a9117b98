"""Who may give new words, and what new words open."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table, and let a case remember its new words."""
    op.add_column("cases", sa.Column("reissued", sa.Date))
    op.add_column("cases", sa.Column("wrapped", sa.LargeBinary))
    op.create_table(
        "keepers",
        sa.Column("case", sa.String(32), sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("half", sa.LargeBinary(32), nullable=False),
        sqlite_with_rowid=False,
    )
