"""The tables. Times are whole UTC days; no address, name or plain word has a column.

Keys are random and SQLite keeps the tables WITHOUT ROWID, so position says nothing about
order. Expiries of challenges and sessions, fixed hours and times of tries are seconds: they belong
to offices and mail servers, not to witnesses.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    false,
)

metadata = MetaData()

cases = Table(
    "cases",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("day", Date, nullable=False),
    Column("mailbox_hash", LargeBinary(32), nullable=False, unique=True),
    Column("digest", LargeBinary(32), nullable=False),
    Column("unscripted", Boolean, nullable=False),
    Column("deletion", Date),  # the day it is deleted, if its witness asked for it
    Column("urgent", Boolean, nullable=False, server_default=false()),
    Column("reissued", Date),  # the day when its words were last replaced
    Column("wrapped", LargeBinary),  # what the new words open, sealed to them
    sqlite_with_rowid=False,
)

entries = Table(
    "entries",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("case", String(32), ForeignKey("cases.id"), nullable=False, index=True),
    Column("kind", String(8), nullable=False),
    Column("day", Date, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    sqlite_with_rowid=False,
)

grants = Table(
    "grants",
    metadata,
    Column("entry", String(32), ForeignKey("entries.id"), primary_key=True),
    Column("reader", String(32), primary_key=True),
    Column("header", LargeBinary, nullable=False),
    Column("header_digest", String(64), nullable=False),
    Column("day", Date, nullable=False),
    Column("fetched", Date),
    Column("announced", Boolean),  # whether a round saw it; nothing until then
    Index("grants_by_reader", "reader", "day"),
    sqlite_with_rowid=False,
)

# What a witness added, under ids that only her words give: sent twice, it is kept once.
additions = Table(
    "additions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("case", String(32), ForeignKey("cases.id"), nullable=False, index=True),
    Column("digest", LargeBinary(32), nullable=False),
    sqlite_with_rowid=False,
)

# The server's half of what gives new words; who holds the other half is not known here.
keepers = Table(
    "keepers",
    metadata,
    Column("case", String(32), ForeignKey("cases.id"), primary_key=True),
    Column("token_hash", LargeBinary(32), nullable=False),
    Column("half", LargeBinary(32), nullable=False),
    sqlite_with_rowid=False,
)

# Sealed files; the bytes lie beside the database. Without a case, nobody has named one yet.
evidence = Table(
    "evidence",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("case", String(32), ForeignKey("cases.id"), index=True),
    Column("size", BigInteger, nullable=False),  # of the sealed file, as it was announced
    Column("whole", Boolean, nullable=False),
    Column("day", Date, nullable=False),
    sqlite_with_rowid=False,
)

# Which entry names which file: whoever may fetch the one may fetch the other.
exhibits = Table(
    "exhibits",
    metadata,
    Column("entry", String(32), ForeignKey("entries.id"), primary_key=True),
    Column("evidence", String(32), ForeignKey("evidence.id"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

# What is gone and stays gone, also in a copy that is restored. An entry for one reader; without a
# reader, a case or an entry for all; under MAILBOX a case that no words open any more; under WORDS
# the first half (hex) of a mailbox's hash, whose words were replaced.
MAILBOX = "-mailbox"
WORDS = "-words"

tombstones = Table(
    "tombstones",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("reader", String(32), primary_key=True),
    Column("day", Date, nullable=False),
    sqlite_with_rowid=False,
)

# What an office keeps from being deleted by age.
holds = Table(
    "holds",
    metadata,
    Column("case", String(32), ForeignKey("cases.id"), primary_key=True),
    Column("reader", String(32), primary_key=True),
    Column("day", Date, nullable=False),
    sqlite_with_rowid=False,
)

# Reports that the server filed itself, until an office tells the code inside.
canaries = Table(
    "canaries",
    metadata,
    Column("case", String(32), primary_key=True),
    Column("code_hash", LargeBinary(32), nullable=False, unique=True),
    Column("day", Date, nullable=False),
    sqlite_with_rowid=False,
)

# What the store remembers of itself, each with a day: see `store.state`.
remembered = Table(
    "remembered",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("day", Date, nullable=False),
    sqlite_with_rowid=False,
)

challenges = Table(
    "challenges",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("office", String(32), nullable=False),
    Column("bound", LargeBinary, nullable=False),
    Column("token", LargeBinary(32), nullable=False),
    Column("expiry", Integer, nullable=False),
    sqlite_with_rowid=False,
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("office", String(32), nullable=False),
    Column("expiry", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# Mail that no server has taken yet. No address: the settings say where an office's mail goes.
outbox = Table(
    "outbox",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("subject", String(96), nullable=False, unique=True),  # planned twice, it is there once
    Column("kind", String(9), nullable=False),
    Column("office", String(32), nullable=False),
    Column("recipient", String(8), nullable=False),
    Column("entry", String(32)),  # of an attached entry
    Column("dead", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try", BigInteger, nullable=False),
    Column("error", String(16), nullable=False),
    sqlite_with_rowid=False,
)

# For each office the last fixed hour that was decided, whatever was decided; the day on which it
# was last reminded; and since when something urgent waits, of which no second reader knows.
rounds = Table(
    "rounds",
    metadata,
    Column("office", String(32), primary_key=True),
    Column("decided", BigInteger, nullable=False),
    Column("reminded", Date),
    Column("alarmed", BigInteger),
    sqlite_with_rowid=False,
)
