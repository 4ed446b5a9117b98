"""The tables of a vault. Each step leads from one version to the next; none is ever changed.

`place` orders entries by their day, newest last: day number << 20, then as they came. It is the
rowid of entry, content and index, so that newest-first pages need no sorting.
"""

PLACE_BITS = 20
"""A million entries a day."""

NEVER = "9999-12-31"
"""A date that no clock reaches."""

_FIRST = (
    "CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    # state: opened, aside (with its reason), missing (could not be fetched), trial (a canary).
    # checked: 0 not yet, 1 its author is sure, 2 nothing can be said.
    """CREATE TABLE entries (
        place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, case_id TEXT NOT NULL,
        kind TEXT NOT NULL, office TEXT NOT NULL, day TEXT NOT NULL, header_digest TEXT NOT NULL,
        payload_digest TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL,
        checked INTEGER NOT NULL, gone TEXT NOT NULL)""",
    "CREATE INDEX entries_case ON entries (case_id)",
    "CREATE INDEX entries_day ON entries (day, id)",
    "CREATE INDEX entries_aside ON entries (place) WHERE state IN ('aside', 'missing')",
    "CREATE INDEX entries_unchecked ON entries (case_id) WHERE checked <> 1 AND state = 'opened'",
    # Apart from the columns that lists read: a page of them stays small.
    """CREATE TABLE contents (
        place INTEGER PRIMARY KEY REFERENCES entries ON DELETE CASCADE,
        header BLOB NOT NULL, payload BLOB NOT NULL, opened BLOB)""",
    f"""CREATE TABLE cases (
        place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, first TEXT NOT NULL,
        newest TEXT NOT NULL, entries INTEGER NOT NULL, title TEXT NOT NULL,
        language TEXT NOT NULL, urgent INTEGER NOT NULL, child INTEGER NOT NULL,
        custody INTEGER NOT NULL, notice TEXT NOT NULL, acknowledge_by TEXT NOT NULL,
        feedback_by TEXT NOT NULL, limit_on TEXT NOT NULL, limit_text INTEGER NOT NULL,
        acknowledged INTEGER NOT NULL DEFAULT 0, status TEXT NOT NULL DEFAULT 'new',
        due TEXT GENERATED ALWAYS AS (CASE WHEN status = 'closed' THEN '{NEVER}' ELSE
            min(CASE WHEN acknowledged THEN '{NEVER}' ELSE acknowledge_by END,
                feedback_by, limit_on) END) VIRTUAL)""",
    "CREATE INDEX cases_urgent ON cases (place) WHERE urgent",
    "CREATE INDEX cases_child ON cases (place) WHERE child",
    "CREATE INDEX cases_custody ON cases (place) WHERE custody",
    "CREATE INDEX cases_due ON cases (due, place)",
    """CREATE TABLE evidence (
        place INTEGER NOT NULL REFERENCES entries ON DELETE CASCADE, id TEXT NOT NULL,
        name TEXT NOT NULL, type TEXT NOT NULL, length INTEGER NOT NULL, digest TEXT NOT NULL,
        original TEXT NOT NULL, PRIMARY KEY (place, id)) WITHOUT ROWID""",
    """CREATE TABLE tags (
        tag TEXT NOT NULL, case_id TEXT NOT NULL, PRIMARY KEY (tag, case_id)) WITHOUT ROWID""",
    """CREATE TABLE own_notes (
        case_id TEXT NOT NULL, number INTEGER NOT NULL, at TEXT NOT NULL, text TEXT NOT NULL,
        PRIMARY KEY (case_id, number)) WITHOUT ROWID""",
    """CREATE TABLE custody (
        case_id TEXT NOT NULL, number INTEGER NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL,
        what TEXT NOT NULL, entry TEXT NOT NULL, previous TEXT NOT NULL, digest TEXT NOT NULL,
        PRIMARY KEY (case_id, number)) WITHOUT ROWID""",
    # Keeps no second copy of the words. Marks belong to the letter before them in many scripts.
    """CREATE VIRTUAL TABLE words USING fts5 (
        text, content = '', contentless_delete = 1, prefix = '1 2 3',
        tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'")""",
)

_SECOND = (
    # Another state of entries: unsent, written here and not yet at the server.
    # What is sent when there is a line, oldest first: `core.wire.Reply`, sealed already.
    """CREATE TABLE outgoing (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, case_id TEXT NOT NULL,
        sealed BLOB NOT NULL)""",
    "CREATE TABLE searches (name TEXT PRIMARY KEY, query TEXT NOT NULL) WITHOUT ROWID",
    # Versions of the programme that reports were answered under, by their digest.
    "CREATE TABLE programmes (digest TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID",
    # answerable: a report with a way back, not withdrawn. answered: beyond the acknowledgement.
    # silent: since when she owes an answer.
    "ALTER TABLE cases ADD COLUMN assigned TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE cases ADD COLUMN reason TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE cases ADD COLUMN tags TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE cases ADD COLUMN answerable INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE cases ADD COLUMN answered INTEGER NOT NULL DEFAULT 0",
    f"ALTER TABLE cases ADD COLUMN silent TEXT NOT NULL DEFAULT '{NEVER}'",
    "DROP INDEX cases_due",
    "ALTER TABLE cases DROP COLUMN due",
    f"""ALTER TABLE cases ADD COLUMN due TEXT GENERATED ALWAYS AS (
        CASE WHEN status = 'closed' THEN '{NEVER}' ELSE
            min(CASE WHEN answerable AND NOT acknowledged THEN acknowledge_by ELSE '{NEVER}' END,
                CASE WHEN answerable AND NOT answered THEN feedback_by ELSE '{NEVER}' END,
                limit_on) END) VIRTUAL""",
    "CREATE INDEX cases_due ON cases (due, place)",
    "CREATE INDEX cases_open ON cases (place) WHERE status <> 'closed'",
    """CREATE INDEX cases_untold ON cases (acknowledge_by, place)
        WHERE acknowledged = 0 AND answerable AND status <> 'closed'""",
    "CREATE INDEX cases_status ON cases (status, place)",
    "CREATE INDEX cases_assigned ON cases (assigned, place)",
    "CREATE INDEX cases_language ON cases (language, place)",
    "CREATE INDEX cases_status_due ON cases (status, due, place)",
    "CREATE INDEX cases_assigned_due ON cases (assigned, due, place)",
    "CREATE INDEX cases_language_due ON cases (language, due, place)",
    f"CREATE INDEX cases_silent ON cases (silent, place) WHERE silent < '{NEVER}'",
    "CREATE INDEX tags_case ON tags (case_id)",
)

_THIRD = (
    # state: arriving (never shown, dropped by the next fetch), whole, altered (with its reason).
    # start: the header and the nonce of the sealed file.
    """CREATE TABLE evidence_files (
        file INTEGER PRIMARY KEY, place INTEGER NOT NULL, id TEXT NOT NULL, state TEXT NOT NULL,
        reason TEXT NOT NULL, type TEXT NOT NULL, sha256 TEXT NOT NULL, start BLOB NOT NULL,
        FOREIGN KEY (place, id) REFERENCES evidence ON DELETE CASCADE)""",
    """CREATE UNIQUE INDEX evidence_files_held ON evidence_files (place, id)
        WHERE state <> 'arriving'""",
    "CREATE INDEX evidence_files_named ON evidence_files (place, id)",
    """CREATE TABLE evidence_parts (
        file INTEGER NOT NULL REFERENCES evidence_files ON DELETE CASCADE,
        number INTEGER NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (file, number))""",
)

STEPS: tuple[tuple[str, ...], ...] = (_FIRST, _SECOND, _THIRD)
"""What leads from each version to the next, the first from nothing."""
