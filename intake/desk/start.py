"""First start, opening and locking, from pages. A passphrase is used and forgotten.

Rules: the programme is fetched or given, shown with its title and words, and looked at again before
it is kept: what was compared is what stays; keys of an office come from a colleague, never from the
server; a refusal gives back everything but passphrases.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Protocol

from flask import abort, redirect, request
from flask.typing import ResponseReturnValue

from intake.core import limits
from intake.core import programme as programmes
from intake.core.programme import NAME, Programme
from intake.crypto.age import HybridRecipient
from intake.crypto.keyfile import KeyFile
from intake.crypto.keyring import spoken
from intake.crypto.unseal import HybridIdentity, generate_hybrid, needs_passphrase
from intake.desk.home import Home
from intake.desk.keys import Shown, dated, recovery_of, shown
from intake.desk.pasted import SecretKeyError, office_file
from intake.desk.resealing import CHANGED
from intake.desk.services import render, services
from intake.desk.sheet import SHEET, WAITING, Sheet, typed_key
from intake.desk.typed import given, line, passphrase_example, path_of
from intake.errors import ConfigError, IntakeError, ProgrammeError
from intake.vault import beginning, identity
from intake.vault.beginning import Place
from intake.vault.writing import KEYS
from intake.wordlists import wordlist

WAYS = {
    "new": "A new office",
    "join": "Join colleagues",
    "back": "Bring a vault back",
}
"""The three ways to begin, with their titles."""


@dataclass(frozen=True, repr=False)
class Typed:
    """What a form of the first start holds, passphrases left out."""

    address: str = ""
    programme: str = ""
    digest: str = ""
    office: str = ""
    who: str = ""
    keys: str = ""
    compared: bool = False
    backup: str = ""
    secret: str = ""

    @classmethod
    def read(cls) -> "Typed":
        """Read the form that was sent."""
        form = request.form
        return cls(
            address=form.get("address", "").strip(),
            programme=given("programme"),
            digest=form.get("digest", ""),
            office=form.get("office", ""),
            who=line("who"),
            keys=given("keys"),
            compared=bool(form.get("compared")),
            backup=form.get("backup", "").strip(),
            secret=form.get("secret", "").strip(),
        )


@dataclass(frozen=True, repr=False)
class Found:
    """What a server or a file gave: the programme, and the keys that the office has today."""

    origin: str
    text: str
    programme: Programme
    keys: tuple[Shown, ...] = ()

    @property
    def title(self) -> str:
        """The programme's title in English, or in its first language."""
        return text_of(self.programme.title, self.programme)

    @property
    def words(self) -> str:
        """The digest in eight words, to compare by voice."""
        return spoken(self.programme.digest, wordlist("en"))

    @property
    def offices(self) -> dict[str, str]:
        """Offices whose investigators hold keys, by id."""
        return {one.id: text_of(one.name, self.programme) for one in self.programme.keyed}

    @property
    def is_open_line(self) -> bool:
        """Whether somebody on the way could have changed what was fetched."""
        host = self.origin.removeprefix("http://")
        is_own = host.startswith(("127.0.0.1:", "localhost:")) or host.endswith(".onion")
        return self.origin.startswith("http://") and not is_own


def text_of(text: Mapping[str, str], programme: Programme) -> str:
    """Return a text in English, or in the programme's first language."""
    return text.get("en") or text.get(programme.languages[0], "")


def ask() -> str:
    """Ask which way she begins."""
    return render("start.html", ways=WAYS)


def ask_way(way: str) -> str:
    """Show the first page of a way."""
    if way not in WAYS:
        abort(404)
    return _page(way, Typed(), None, "")


def begin(way: str) -> ResponseReturnValue:
    """Look at what was typed; make identity and vault where everything was said."""
    if way not in WAYS:
        abort(404)
    typed, found = Typed.read(), None
    try:
        if way == "back":
            return _bring_back(typed)
        found = _look(way, typed)
        if "make" not in request.form:
            return _page(way, replace(typed, digest=found.programme.digest), found, "")
        return _make(way, typed, found)
    except SecretKeyError as error:
        return _page(way, replace(typed, keys=""), None, str(error)), 400
    except IntakeError as error:
        return _page(way, typed, found, str(error)), 400


def ask_unlock() -> str:
    """Ask for the passphrase."""
    return _unlocking("")


def unlock() -> ResponseReturnValue:
    """Open the vault with the identity file, and begin to sync."""
    at = services()
    try:
        at.vault.unlock(identity.read(at.home.identity, request.form.get("passphrase", "")))
    except IntakeError as error:
        return _unlocking(str(error)), 403
    at.syncing.start()
    return redirect("/", 303)


def _unlocking(message: str) -> str:
    # A folder that is just being mended has no identity: then nothing says that it is plain.
    path = services().home.identity
    is_sealed = not path.is_file() or needs_passphrase(path.read_bytes())
    return render("unlock.html", message=message, is_sealed=is_sealed)


def lock() -> ResponseReturnValue:
    """Lock the vault; what is being fetched at this moment ends, and a recovery sheet is gone."""
    services().vault.lock()
    services().sheets.forget()
    return redirect("/unlock", 303)


def _page(way: str, typed: Typed, found: Found | None, message: str) -> str:
    return render(
        f"start-{'back' if way == 'back' else 'make'}.html",
        way=way,
        title=WAYS[way],
        typed=typed,
        found=found,
        message=message,
        example=passphrase_example(),
        has_identity=place(services().home).has_identity,
        least=limits.PASSPHRASE,
        most=limits.LINE_CHARACTERS,
        folder=str(services().home.folder),
    )


def place(home: Home) -> Place:
    """Return where identity and vault will lie."""
    return Place(home.identity, home.vault)


def _look(way: str, typed: Typed) -> Found:
    """Return the programme of the server, or the one given where no server answers yet."""
    address = typed.address if "://" in typed.address else f"https://{typed.address}"
    if not typed.address:
        raise ConfigError("type the address of the server, as its operator gave it")
    server = services().reach(address)
    try:
        text = typed.programme or server.programme()
    finally:
        server.close()
    try:
        programme = programmes.parse(text)
    except ProgrammeError as error:
        raise ConfigError(
            "what the server or the file gave is no programme that this desk knows, "
            "ask the operator"
        ) from error
    found = Found(server.origin, text, programme)
    if way == "join":
        # The name is for messages alone: which office it is, is chosen on the next page.
        name = typed.office if NAME.fullmatch(typed.office) else "the office's file"
        file = office_file(typed.keys, name, services().today())
        return replace(found, keys=shown(file.keys, (), services().today()))
    return found


def _make(way: str, typed: Typed, found: Found) -> ResponseReturnValue:
    """Make identity and vault; show the sheet, or what to send to a colleague."""
    at = services()
    if typed.digest != found.programme.digest:
        raise ConfigError("the server's programme is another one now, compare its words again")
    if typed.office not in found.offices:
        raise ConfigError("choose your office")
    if not typed.who:
        raise ConfigError("type your name, as your colleagues will read it beside what you did")
    if len(typed.who) > limits.LINE_CHARACTERS:
        raise ConfigError("the name is too long, shorten it")
    if way == "join" and not typed.compared:
        raise ConfigError("compare the words of these keys by voice, then say so")
    told = {
        "server": found.origin,
        "office": typed.office,
        "programme": found.text,
        "who": typed.who,
    }
    today = at.today()
    if way == "join":
        file = office_file(typed.keys, typed.office, today)
        others = [key.recipient for key in recovery_of(file, today)]
        _start(partial(beginning.make, others=others, settings=partial(_joined, told, file)), None)
        return redirect("/office", 303)
    spare = generate_hybrid()
    settings = partial(_first, told, spare.recipient(), today)
    make = partial(beginning.make, others=[spare.recipient()], settings=settings)
    _start(make, Sheet(typed.office, found.origin, today, spare))
    return redirect("/recovery", 303)


def _bring_back(typed: Typed) -> ResponseReturnValue:
    """Bring a vault back, with the key on the sheet or with an identity that is there."""
    has_identity = place(services().home).has_identity
    keys = [typed_key(typed.secret)] if typed.secret or not has_identity else []
    backup = path_of(typed.backup)
    if not backup.is_file():
        raise ConfigError("there is no such file, type the whole path of the backup")
    _start(partial(beginning.bring_back, backup=backup, recovery=keys), None)
    return redirect("/office", 303)


class _Make(Protocol):
    """Makes identity and vault in a place."""

    def __call__(self, place: Place, passphrase: str) -> HybridIdentity:
        """Return the identity."""
        ...


def _start(make: _Make, sheet: Sheet | None) -> None:
    """Make identity and vault once, however often a button was pressed; the vault is open then."""
    at, where = services(), place(services().home)
    passphrase = request.form.get("passphrase", "")
    with at.beginning:
        if at.home.is_there:
            return
        if not where.has_identity:
            identity.check_passphrase(passphrase, request.form.get("again", ""))
        key = make(where, passphrase)
        if sheet:
            at.sheets.hold(sheet)
        at.vault.unlock([key])


def _first(
    told: Mapping[str, str], spare: HybridRecipient, today: date, key: HybridIdentity
) -> Mapping[str, str]:
    """Return what the first vault of an office is told: its file of keys has two."""
    file = KeyFile(f"{told['office']}.txt", "").added(
        dated(key.recipient(), "working", today), today
    )
    return {
        **told,
        KEYS: file.added(dated(spare, "recovery", today), today).text,
        SHEET: WAITING,
        CHANGED: str(today),
    }


def _joined(told: Mapping[str, str], file: KeyFile, _: HybridIdentity) -> Mapping[str, str]:
    """Return what a colleague's vault is told: the office's keys as they are without hers."""
    return {**told, KEYS: file.text}
