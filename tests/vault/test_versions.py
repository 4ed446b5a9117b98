"""Versions of the programme: what a report names is shown by it, and nobody else changes it."""

import hashlib

import msgspec
import pytest

from intake.core import programme as programmes
from intake.core.entry import Entry, ReportBody
from intake.errors import UnreachableError
from intake.vault import versions
from tests.crypto import entries
from tests.support.desk import Desk
from tests.support.programmes import SMALL

NEW = SMALL.replace('version = "1"', 'version = "2"').replace(
    "[[routes]]",
    """[[offices]]
id = "new"
kind = "served"
reader = "inv"
name = { en = "A new office", es = "Una oficina nueva" }
takes = { en = "All", es = "Todo" }
shares = { en = "Nothing.", es = "Nada." }

[[routes]]""",
    1,
)
DIGEST = hashlib.sha256(NEW.encode()).hexdigest()


def answered(digest: str = DIGEST, office: str = "inv") -> Entry:
    """Return a report under a version."""
    made = entries.report()
    assert isinstance(made.body, ReportBody)
    body = msgspec.structs.replace(made.body, digest=digest)
    return msgspec.structs.replace(made, body=body, office=office)


def held(desk: Desk) -> dict[str, str]:
    """Return the versions that are here besides the desk's own."""
    with desk.vault.use() as opened:
        return versions.texts(opened.database)


def test_version_that_a_report_names_is_fetched_once(desk: Desk) -> None:
    """Its labels are those that the person saw."""
    desk.shelf.programmes[DIGEST] = NEW
    desk.put(answered())
    desk.sync()
    assert held(desk) == {DIGEST: NEW}
    desk.shelf.asked.clear()
    desk.put(msgspec.structs.replace(answered(), case="ab" * 16, id="cd" * 16))
    desk.sync()
    assert f"/programme/{DIGEST}" not in desk.shelf.asked


@pytest.mark.parametrize("text", [SMALL, "", "id = 1", "x" * 100_000])
def test_server_cannot_give_another_text_for_it(desk: Desk, text: str) -> None:
    """The digest was sealed by the person's own device."""
    desk.shelf.programmes[DIGEST] = text
    desk.put(answered())
    assert desk.sync().opened == 1
    assert held(desk) == {}


def test_text_of_the_right_digest_that_is_no_programme_is_not_kept(desk: Desk) -> None:
    """Whoever sealed the report may be hostile, too."""
    digest = hashlib.sha256(b"garbage").hexdigest()
    desk.shelf.programmes[digest] = "garbage"
    desk.put(answered(digest))
    assert desk.sync().opened == 1
    assert held(desk) == {}


def test_server_without_it_stops_nothing(desk: Desk) -> None:
    """The report is there, shown by the version that the desk has."""
    desk.put(answered())
    assert desk.sync().opened == 1


def test_line_that_breaks_there_is_said(desk: Desk) -> None:
    """And what was fetched before is kept."""
    desk.put(answered())

    def breaking(path: str, body: bytes) -> bytes:
        if path.startswith("/programme"):
            raise UnreachableError("the server cannot be reached")
        return body

    desk.shelf.programmes[DIGEST] = NEW
    desk.shelf.hook = breaking
    with pytest.raises(UnreachableError):
        desk.sync()
    with desk.vault.use() as opened:
        assert opened.database.number("SELECT count(*) FROM cases") == 1


def test_only_a_person_makes_the_desk_work_with_another_version(desk: Desk) -> None:
    """Then what was set aside by the old one is looked at again."""
    desk.shelf.programmes[DIGEST] = NEW
    desk.put(answered())
    desk.put(msgspec.structs.replace(answered(office="new"), case="ab" * 16, id="cd" * 16))
    assert desk.sync().aside == 1
    with desk.vault.use() as opened:
        assert opened.settings["programme"] == SMALL
    assert versions.take(desk.vault, DIGEST)
    desk.programme = programmes.parse(NEW)
    assert desk.sync().opened == 1
    with desk.vault.use() as opened:
        assert opened.settings["programme"] == NEW
        assert opened.database.number("SELECT count(*) FROM cases") == 2
    assert hashlib.sha256(SMALL.encode()).hexdigest() in held(desk)


def test_version_of_another_programme_or_unknown_is_not_taken(desk: Desk) -> None:
    """It would make every report a stranger's."""
    other = NEW.replace('id = "small"', 'id = "other"')
    digest = hashlib.sha256(other.encode()).hexdigest()
    with desk.vault.use() as opened:
        versions.keep(opened, digest, other)
    assert not versions.take(desk.vault, digest)
    assert not versions.take(desk.vault, "0" * 64)
    with desk.vault.use() as opened:
        assert opened.settings["programme"] == SMALL
