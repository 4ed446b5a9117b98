"""What is mailed: text in an office's language, and sealed files. Pure: no clock, no line.

Rules: a notice is the same bytes whatever came, but for date and Message-ID; no subject, head or
text holds a case, a day, a number or a kind; a Message-ID is the mail's own random id, the same at
each try, so that a double can be dropped.
"""

import shlex
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from intake.core.programme import Programme
from intake.delivery import hours
from intake.delivery.settings import OfficeMail
from intake.web.i18n import Language

_WIDTH = 72
"""Characters of a line of text: what a terminal shows of a mail that is quoted once."""
_STATUS = "intake status --all"
_MEDIA_TYPE = ("application", "octet-stream")
"""What any mail program saves and none tries to show."""


@dataclass(frozen=True)
class Envelope:
    """Who sends to whom, which mail it is, and when, in seconds since 1970."""

    sender: str
    recipient: str
    name: str
    now: int


@dataclass(frozen=True)
class Writer:
    """Writes the mails of one site. `languages` has those of the settings.

    `programme_file` is the name of the programme's file, empty for the built-in one: without it
    `intake open` would set aside what another programme's site sent.
    """

    origin: str
    programme: Programme
    languages: Mapping[str, Language]
    programme_file: str = ""

    def notice(self, envelope: Envelope, office: str, told: OfficeMail) -> bytes:
        """Return that there is something to fetch, or, sent always, that it is time to look."""
        text = self._text("notice", told.language, office, waits=not told.always)
        return _mail(envelope, text)

    def urgent(self, envelope: Envelope, office: str, told: OfficeMail, *, is_late: bool) -> bytes:
        """Return that something urgent is to be fetched; `is_late` where the office did not."""
        name = self.programme.office(office).name.get(told.language, office)
        text = self._text("urgent", told.language, office, is_late=is_late, office=name)
        return _mail(envelope, text)

    def health(self, envelope: Envelope, language: str, lines: Sequence[str]) -> bytes:
        """Return what needs a hand at the site; no line, and all is well."""
        text = self.languages[language].render("health.txt", lines=lines, command=_STATUS)
        return _mail(envelope, text)

    def unfetched(self, envelope: Envelope, office: str, told: OfficeMail, language: str) -> bytes:
        """Return that an office does not fetch."""
        name = self.programme.office(office).name
        text = self._text(
            "unfetched",
            language,
            office,
            days=told.unfetched_days,
            office=name.get(language, office),
        )
        return _mail(envelope, text)

    def entry(  # noqa: PLR0913 - the letter, and what is attached to it
        self,
        envelope: Envelope,
        office: str,
        told: OfficeMail,
        entry: str,
        files: Iterable[tuple[str, bytes]],
        *,
        is_cut: bool,
    ) -> bytes:
        """Return an entry and its files, sealed; `is_cut` where a file of it does not fit."""
        text = self._text("entry", told.language, office, entry, is_cut=is_cut)
        return _mail(envelope, text, [(f"{name}.age", data) for name, data in files])

    def _text(
        self, template: str, language: str, office_id: str, entry: str = "", **values: object
    ) -> str:
        named = f" --programme {shlex.quote(self.programme_file)}" if self.programme_file else ""
        how = f"--identity FILE{named} --out opened"
        commands = {
            "fetch": f"intake open --server {self.origin} --office {office_id} {how}",
            "open": f"intake open {entry}.age {how}",
            "age": f"age -d -i FILE {entry}.age",
        }
        return self.languages[language].render(f"{template}.txt", commands=commands, **values)


def _mail(envelope: Envelope, text: str, files: Iterable[tuple[str, bytes]] = ()) -> bytes:
    """Return a mail; the first line of its text is its subject."""
    subject, _, body = text.partition("\n")
    mail = EmailMessage(policy=SMTP)
    mail["From"] = envelope.sender
    mail["To"] = envelope.recipient
    mail["Subject"] = subject
    mail["Date"] = format_datetime(hours.moment(envelope.now))
    mail["Message-ID"] = f"<{envelope.name}@{envelope.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # so that no absence note answers
    mail.set_content(_wrapped(body.strip("\n")), cte="quoted-printable")
    maintype, subtype = _MEDIA_TYPE
    for name, data in files:
        mail.add_attachment(data, maintype=maintype, subtype=subtype, filename=name)
    return mail.as_bytes()


def _wrapped(text: str) -> str:
    """Return text in lines of a mail; a command, which is indented, stays in one."""
    lines = (
        line if line.startswith(" ") else textwrap.fill(line, _WIDTH, break_on_hyphens=False)
        for line in text.split("\n")
    )
    return "\n".join(lines) + "\n"
