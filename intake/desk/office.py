"""The office's keys on a page of forms, each with its own refusal.

Rules: a key counts once somebody said that its words were compared by voice; what a removal
protects and what not is said before it is done; the file goes to the operator by hand, never by
itself.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from flask import Response, make_response, request
from flask import redirect as lead
from flask.typing import ResponseReturnValue

from intake.core import limits
from intake.crypto.age import HybridRecipient
from intake.crypto.keyfile import KeyFile
from intake.crypto.keyring import OfficeKey
from intake.desk import keys
from intake.desk.keys import dated, file_of, other_than_own, own_of, shown, words_of
from intake.desk.pasted import Difference, SecretKeyError, difference, office_file, public_key
from intake.desk.resealing import CHANGED
from intake.desk.services import render, services, unlocked
from intake.desk.sheet import SHEET, WAITING
from intake.desk.syncing import ACKNOWLEDGE
from intake.desk.typed import given
from intake.errors import ConfigError, IntakeError, KeyringError, VaultLockedError

_LONGEST = 3650
"""Days: ten years, as on the command line."""
_ROLES = ("working", "recovery")
_SAY_SO = "compare the words by voice, then say that you did"


@dataclass(frozen=True)
class Said:
    """What is said beside one form of the page, with what had been typed there."""

    form: str = ""
    message: str = ""
    is_done: bool = False
    typed: Mapping[str, str] = field(default_factory=dict)

    def value(self, form: str, name: str, otherwise: str = "") -> str:
        """Return what was typed in a field of a form."""
        return self.typed.get(name, otherwise) if form == self.form else otherwise


def show() -> str:
    """Show the office's keys and the settings of this desk."""
    return page(Said())


def export() -> Response:
    """Return the office's file of keys, for the operator and for colleagues."""
    with unlocked() as (opened, _):
        file = file_of(opened)
    made = make_response(file.text)
    made.mimetype = "text/plain"
    made.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return made


def add() -> ResponseReturnValue:
    """Show the words of a key that was pasted; add it once they were compared."""
    return answered("add", _add, "key", "role", "days")


def remove() -> ResponseReturnValue:
    """Say what taking a key out protects and what not; do it once that was read."""
    return answered("remove", _remove, "last")


def take() -> ResponseReturnValue:
    """Show what a colleague's newer file would change; take it once the words were compared."""
    return answered("take", _take, "keys")


def answered(form: str, work: Callable[[], ResponseReturnValue], *kept: str) -> ResponseReturnValue:
    """Do what a form asks; what may not be is said beside it, with what was typed in `kept`.

    A secret key that was pasted stands nowhere again.
    """
    try:
        return work()
    except VaultLockedError:
        raise
    except SecretKeyError as error:
        return page(Said(form, str(error))), 400
    except IntakeError as error:
        typed = {name: request.form.get(name, "") for name in kept}
        return page(Said(form, str(error), typed=typed)), 400


def page(said: Said) -> str:
    """Return the page of the office."""
    at, today = services(), services().today()
    with unlocked() as (opened, programme):
        file, own, settings = file_of(opened), own_of(opened), opened.settings
    try:
        found, wrong = shown(file.keys, own, today), ""
    except KeyringError as error:
        found, wrong = (), str(error)
    mine = own[0] if own else None
    return render(
        "office.html",
        said=said,
        office=settings["office"],
        name=_name(programme.office(settings["office"]).name),
        who=settings["who"],
        server=settings["server"],
        file=file.name,
        keys=found,
        wrong=wrong,
        own_line=str(mine) if mine else "",
        own_words=words_of(mine) if mine else "",
        is_among=any(one.is_own and one.is_valid for one in found),
        has_recovery=any(one.key.role == "recovery" and one.is_valid for one in found),
        is_full=len(found) >= limits.RECIPIENTS_PER_OFFICE,
        is_paper_missing=settings.get(SHEET) == WAITING and not at.sheets.find(),
        is_sheet_held=at.sheets.find() is not None,
        is_changed=bool(settings.get(CHANGED)),
        acknowledges=settings.get(ACKNOWLEDGE) != "off",
        stand=at.resealing.stand,
        days=limits.KEY_DAYS,
        longest=_LONGEST,
        least=limits.PASSPHRASE,
        today=today,
    )


def _name(text: Mapping[str, str]) -> str:
    return text.get("en") or next(iter(text.values()), "")


def _add() -> ResponseReturnValue:
    today, key = services().today(), _new_key()
    with unlocked() as (opened, _):
        file, is_own = file_of(opened), key.recipient in own_of(opened)
    changed = file.added(key, today)
    if request.form.get("compared"):
        keys.take(services().vault, changed, today)
        return lead("/office#keys", 303)
    (new,) = shown([key], [key.recipient] if is_own else [], today)
    message = _SAY_SO if "confirm" in request.form else ""
    return render("office-add.html", new=new, days=_days(), message=message)


def _new_key() -> OfficeKey:
    """Return the key that a form adds; raises KeyTextError, ConfigError."""
    recipient = public_key(request.form.get("key", ""))
    role = request.form.get("role", "working")
    if role not in _ROLES:
        raise ConfigError("choose what the key is for")
    return dated(recipient, role, services().today(), _days())


def _days() -> int:
    text = request.form.get("days", "").strip() or str(limits.KEY_DAYS)
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(_LONGEST))
    if not is_number or not 1 <= int(text) <= _LONGEST:
        raise ConfigError(f"a key holds for 1 to {_LONGEST} days, correct the number")
    return int(text)


def _remove() -> ResponseReturnValue:
    today = services().today()
    with unlocked() as (opened, _):
        file = file_of(opened)
        key = other_than_own(file, request.form.get("key", ""), own_of(opened))
    last = _last(today)
    left = file.ended(key, last, today) if last else file.without(key, today)
    if "confirm" in request.form:
        keys.take(services().vault, left, today)
        return lead("/office#keys", 303)
    (old,) = shown([key], [], today)
    still = shown([one for one in left.valid(today) if one.recipient != key.recipient], [], today)
    return render("office-remove.html", old=old, last=last, still=still)


def _last(today: date) -> date | None:
    """Return the last day that was typed, None where the key goes at once; raises ConfigError."""
    text = request.form.get("last", "").strip()
    if not text:
        return None
    try:
        last = date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError("a day is written 2026-01-31, correct it") from error
    if last < today:
        raise ConfigError("the last day is over already, leave it empty to take the key out now")
    return last


def _take() -> ResponseReturnValue:
    today, text = services().today(), given("keys")
    with unlocked() as (opened, _):
        before, own = file_of(opened), own_of(opened)
        office = opened.settings["office"]
    after = office_file(text, office, today)
    changes = difference(before, after)
    if not changes:
        return page(Said("take", "this file holds the keys that you have", is_done=True))
    if not request.form.get("compared"):
        return _differences(after, changes, own)
    keys.take(services().vault, after, today)
    return lead("/office#keys", 303)


def _differences(after: KeyFile, changes: Difference, own: Sequence[HybridRecipient]) -> str:
    today = services().today()
    return render(
        "office-take.html",
        text=after.text,
        added=shown(changes.added, own, today),
        removed=shown(changes.removed, own, today),
        changed=shown(changes.changed, own, today),
        has_own=any(key.recipient in own for key in after.valid(today)),
        message=_SAY_SO if "confirm" in request.form else "",
    )
