"""The letters of a case: read for the page without script, deleted, and shown with their reasons.

Rules: a letter counts as fetched before it is shown; where this server seals nothing for pages
without script, it opens nothing for them either.
"""

from collections.abc import Mapping
from datetime import date

from intake.core.entry import Entry, MessageBody
from intake.core.questions import GROUPS, GROUPS_BY_NAME
from intake.server.additions import Opened
from intake.server.nojs import letters
from intake.server.nojs.letters import Letters
from intake.server.services import Services
from intake.server.visit import name_of
from intake.web import messages
from intake.web.i18n import Language

_DAY = len("2026-11-24")
_GROUPS = frozenset(group.name for group in GROUPS)


def read(services: Services, opened: Opened) -> Letters | None:
    """Return what offices wrote, noted as fetched; None where it is not opened here.

    Raises NotFoundError, StoreError.
    """
    if not services.config.seal_without_script:
        return None
    got = services.mail.fetch_all(opened.mailbox, services.today())
    return letters.read(got, opened.keys, services.programme, opened.is_known)


def discard(services: Services, opened: Opened, entry: str) -> None:
    """Delete a letter that was read; raises ConflictError, NotFoundError, StoreError."""
    mark = opened.keys.discarded(entry)
    services.mail.discard(opened.mailbox, entry, mark, services.today())


def day_of(entry: Entry) -> date:
    """Return the day on which a letter was written, where its writer was."""
    return date.fromisoformat(entry.date[:_DAY])


def show(language: Language, opened: Opened, found: Letters | None) -> Mapping[str, object]:
    """Return the letters as the page of a case shows them."""
    if found is None:
        waiting = sum(one.kind == "reply" for one in opened.case.mail)
        return {"waiting": waiting, "shown": (), "aside": (), "closed": True}
    shown = [_shown(language, opened, entry, found) for entry in found.entries]
    aside = [
        (name, messages.text(language, f"aside_{reason}"))
        for name, reason in (found.aside or {}).items()
    ]
    return {"waiting": 0, "shown": shown, "aside": aside, "closed": False}


def _shown(language: Language, opened: Opened, entry: Entry, found: Letters) -> dict[str, object]:
    assert isinstance(entry.body, MessageBody)
    asked = [name for name in dict.fromkeys(entry.body.asks) if name in _GROUPS]
    return {
        "id": entry.id,
        "office": entry.office,
        "name": name_of(entry.office, language),
        "day": day_of(entry),
        "text": entry.body.text,
        "asks": [(name, language.text(GROUPS_BY_NAME[name].label)) for name in asked],
        "gap": entry.id in found.gaps,
        "held": opened.held(entry.office) is not None,
    }
