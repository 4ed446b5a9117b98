"""What is mailed: its heads and texts in every language, and what it may not hold."""

import time
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from intake.core import programme as programmes
from intake.delivery import settings
from intake.delivery.letters import Envelope, Writer
from intake.delivery.settings import OfficeMail
from intake.web import i18n
from tests.delivery.post import MORNING, ORIGIN, toml
from tests.support.programmes import SMALL, small

ENVELOPE = Envelope("notices@reports.example.org", "inv@office.example", "ab" * 16, MORNING)
TOLD = settings.parse(toml(1, Path("/a"), Path("/b")), "mail.toml", small()).offices["inv"]
LANGUAGES = {code: i18n.load(code, "mail") for code in ("en", "es")}


def writer(text: str = SMALL) -> Writer:
    """Return a writer for a programme."""
    return Writer(ORIGIN, programmes.parse(text), LANGUAGES)


def told(language: str, **changes: object) -> OfficeMail:
    """Return the settings of an office in a language."""
    fields = {name: getattr(TOLD, name) for name in OfficeMail.__dataclass_fields__}
    return OfficeMail(**{**fields, "language": language, **changes})


def letters(language: str) -> dict[str, bytes]:
    """Return a mail of each kind."""
    office = told(language)
    return {
        "notice": writer().notice(ENVELOPE, "inv", office),
        "always": writer().notice(ENVELOPE, "inv", told(language, always=True)),
        "urgent": writer().urgent(ENVELOPE, "inv", office, is_late=False),
        "late": writer().urgent(ENVELOPE, "inv", office, is_late=True),
        "unfetched": writer().unfetched(ENVELOPE, "inv", office, language),
        "entry": writer().entry(ENVELOPE, "inv", office, "cd" * 16, [], is_cut=True),
    }


def read(data: bytes) -> EmailMessage:
    """Return a mail as a mail program reads it."""
    return message_from_bytes(data, policy=default)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("kind", ["notice", "always", "urgent", "late", "unfetched", "entry"])
def test_mail_is_plain_and_well_formed(language: str, kind: str) -> None:
    """ASCII lines that every server carries; no markup, no stray blank lines."""
    data = letters(language)[kind]
    assert data.isascii()
    assert max(map(len, data.split(b"\r\n"))) <= 78
    assert b"\n" not in data.replace(b"\r\n", b"")
    mail = read(data)
    assert set(mail.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted",
        "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip
    assert mail["Message-ID"] == f"<{'ab' * 16}@reports.example.org>"
    assert mail["Date"].endswith("+0000")
    said = mail.get_content()
    assert "&#" not in said
    assert "\n\n\n" not in said
    assert "    intake open " in said
    if language == "es":  # and nothing of the source texts
        assert not {"the", "your", "this"} & set(said.split())


def test_kinds_say_different_things() -> None:
    """In both languages; of a day it is said in the singular."""
    subjects = {read(one)["Subject"] for lang in ("en", "es") for one in letters(lang).values()}
    assert len(subjects) == 10
    one = told("en", unfetched_days=1)
    assert "for a day or more" in read(
        writer().unfetched(ENVELOPE, "inv", one, "en")
    ).get_content().replace("\n", " ").replace("\r", "")


def test_entry_is_named_by_its_random_id_only() -> None:
    """In text and attachment; how to fetch stands there only where something did not fit."""
    files = [("cd" * 16, b"age one"), ("ef" * 16, b"age two")]
    whole = read(writer().entry(ENVELOPE, "inv", TOLD, "cd" * 16, files, is_cut=False))
    names = [part.get_filename() for part in whole.iter_attachments()]
    assert names == ["cd" * 16 + ".age", "ef" * 16 + ".age"]
    assert [part.get_content() for part in whole.iter_attachments()] == [b"age one", b"age two"]
    body = whole.get_body()
    assert body is not None
    said = body.get_content()
    assert f"age -d -i FILE {'cd' * 16}.age" in said
    assert "--server" not in said
    cut = read(letters("en")["entry"]).get_content()
    assert f"intake open --server {ORIGIN} --office inv" in cut


def test_command_names_a_programme_that_is_not_built_in() -> None:
    """Without its file, everything would be set aside as another programme's."""
    own = Writer(ORIGIN, small(), LANGUAGES, "my programme.toml")
    said = read(own.notice(ENVELOPE, "inv", TOLD)).get_content()
    assert "--office inv --identity FILE --programme 'my programme.toml' --out opened" in said
    assert "--programme" not in read(writer().notice(ENVELOPE, "inv", TOLD)).get_content()


def test_name_of_an_office_reaches_no_head() -> None:
    """A programme's text may hold anything."""
    hostile = SMALL.replace("Own investigators", "A\\nBcc: x@y.example\\n\\n")
    data = writer(hostile).unfetched(ENVELOPE, "inv", TOLD, "en")
    assert read(data)["Bcc"] is None
    assert read(data)["Subject"] == "Nobody fetches"


def test_date_does_not_tell_where_the_machine_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its zone is set to the place where it stands, often enough."""
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        dates = {read(data)["Date"] for data in letters("en").values()}
    finally:
        monkeypatch.undo()
        time.tzset()
    assert [found[-5:] for found in dates] == ["+0000"]
