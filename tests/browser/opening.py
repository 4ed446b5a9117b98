"""What an office is given to open, and the page that opens it, from disk with the network off."""

import io
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from click.testing import CliRunner

from intake.cli import intake as command
from intake.core import canonical, ustar
from intake.core import entry as entries
from intake.core import programme as programmes
from intake.core.entry import AdditionBody, Entry, MessageBody, ReportBody
from intake.core.evidence import Evidence
from intake.core.report import Answer
from intake.core.work import WorkBody
from intake.crypto import age
from intake.crypto.age import ScryptRecipient
from intake.crypto.derive import authenticate
from intake.crypto.stream import seal_payload
from intake.crypto.unseal import HybridIdentity
from intake.paths import shipped
from tests.browser.offline import Page, browsing
from tests.media import samples
from tests.media.pictures import telling_jpeg
from tests.support.keys import CHEAP, PASSPHRASE
from tests.support.sealed import sealed_file

PROGRAMME = programmes.parse(shipped("programmes/default.toml").read_text("utf-8"))
OFFICE = "investigators"
KEY = bytes(range(32))
"""The message key of every report here."""
OPEN = "#open > button"
STATUS = "#open [role=status]"
WRONG = "#open .alert"
ASIDE = ".set-aside li"


@dataclass(frozen=True)
class Given:
    """A sealed file of evidence, and what a report tells of it."""

    told: Evidence
    data: bytes

    def at(self, folder: Path, name: str = "") -> Path:
        """Write it where it is chosen from."""
        path = folder / (name or f"{self.told.id}.age")
        path.write_bytes(self.data)
        return path


def given(plain: bytes, name: str, media_type: str) -> Given:
    """Seal a file."""
    made = sealed_file(plain, name, media_type)
    return Given(msgspec.structs.replace(made.told, id=os.urandom(16).hex()), made.data)


def report(answers: Mapping[str, Answer], *files: Given, case: str = "0c" * 16) -> Entry:
    """Return a report for the office."""
    body = ReportBody(
        answers=dict(answers),
        contact="ask at the bakery",
        digest=PROGRAMME.digest,
        evidence=tuple(file.told for file in files),
        language="en",
        message_key=KEY.hex(),
        reply_to=bytes(1216),
        unscripted=False,
        version=PROGRAMME.version,
    )
    return Entry(
        body=body,
        case=case,
        date="2026-11-24-06:00",
        direction="in",
        format="intake/entry/v1",
        id=os.urandom(16).hex(),
        kind="report",
        mac="",
        office=OFFICE,
        programme=PROGRAMME.id,
        seen=(),
    )


def following(
    first: Entry, body: AdditionBody | MessageBody | WorkBody, kind: entries.Kind
) -> Entry:
    """Return what follows a report, with its MAC."""
    made = msgspec.structs.replace(
        first,
        body=body,
        kind=kind,
        direction=entries.DIRECTIONS[kind],
        id=os.urandom(16).hex(),
        seen=(first.id,),
    )
    return authenticate(made, KEY)


def addition(group: str, answers: Mapping[str, Answer], *files: Given) -> AdditionBody:
    """Return the body of an addition."""
    return AdditionBody(
        answers=dict(answers),
        digest=PROGRAMME.digest,
        evidence=tuple(file.told for file in files),
        group=group,
        keeper="",
        language="en",
        people=(),
        refer=(),
        unscripted=True,
        version=PROGRAMME.version,
    )


def sealed(plain: bytes, *keys: HybridIdentity) -> bytes:
    """Return bytes sealed to keys, whatever they are."""
    file_key = os.urandom(16)
    header = age.make_header(file_key, [key.recipient() for key in keys]).encode()
    return header + seal_payload(file_key, os.urandom(16), plain)


def padded(plain: bytes) -> bytes:
    """Return bytes padded as an entry is."""
    return plain.ljust(entries.bucket(len(plain)))


def spoiled(entry: Entry, **changes: object) -> bytes:
    """Return the plaintext of an entry in which some values are others."""
    plain = msgspec.json.decode(canonical.encode(entry))
    return padded(canonical.encode({**plain, **changes}))


def filed(entry: Entry, key: HybridIdentity, folder: Path, name: str = "") -> Path:
    """Seal an entry into a file of the name that it is filed under."""
    path = folder / (name or f"{entry.case}.{entry.kind}.{OFFICE}.{entry.id}.age")
    path.write_bytes(sealed(entries.encode(entry), key))
    return path


def page_file(folder: Path, *options: str) -> Path:
    """Write the page that opens."""
    out = folder / "open.html"
    done = CliRunner().invoke(command, ["export-opener", "-o", str(out), *options])
    assert done.exit_code == 0, (done.output, done.exception)
    return out


@dataclass(frozen=True)
class Opener:
    """The page in a browser."""

    page: Page
    file: Path

    def begin(self, **how: object) -> Page:
        """Open the page anew, and wait until it can open something."""
        self.page.tell("open", url=self.file.as_uri(), **how)
        return self.page.until("#open")

    def choose(self, identity: Path, files: Sequence[Path], passphrase: str = "") -> Page:
        """Choose an identity and files, and press the button."""
        self.page.tell("give", selector="#identity", files=[str(identity)])
        if passphrase:
            self.page.until("[data-passphrase]").type("#passphrase", passphrase)
        if files:
            self.page.tell("give", selector="#sealed", files=[str(file) for file in files])
        return self.page.press(OPEN)

    def open(self, identity: Path, *files: Path, passphrase: str = "") -> Page:
        """Open the page and files, and wait until all were looked at."""
        self.begin()
        self.choose(identity, files, passphrase)
        return self.page.until(STATUS, "Opened:", seconds=60)

    def looked_at(self, selector: str) -> list[str]:
        """Return the texts of some parts of the page."""
        found: list[str] = self.page.tell("look", selector=selector).seen["found"]
        return found

    @property
    def aside(self) -> list[str]:
        """What was set aside, and why."""
        return self.looked_at(ASIDE)


@contextmanager
def opening(name: str, folder: Path, file: Path) -> Iterator[Opener]:
    """Run a browser with the page."""
    with browsing(name, folder) as page:
        yield Opener(page, file)


ACCOUNT = "They came at night, to the house by the bridge. ¿Dónde están?"

TEXT = "First line\nsecond \u202eline <b>no markup</b>\n".encode()

PICTURE = given(telling_jpeg(), "IMG_2044 Tashi.jpg", "image/jpeg")

NOTES = given(TEXT, "notas ñ.txt", "text/plain")

PAPER = given(samples.pdf() + bytes(3_000_000), "paper.pdf", "application/pdf")

ANSWERS: dict[str, Answer] = {
    "account": ACCOUNT,
    "agency": ("cbp", "unknown"),
    "child": "yes",
    "strange": "x",
}


@dataclass(frozen=True)
class Office:
    """An office's identity, in files of several kinds."""

    folder: Path
    key: HybridIdentity

    @property
    def plain(self) -> Path:
        """As it is."""
        return self.write("identity.txt", f"# ours\n{self.key.secret_text()}\n".encode())

    @property
    def locked(self) -> Path:
        """Sealed with the passphrase, with little work."""
        out = io.BytesIO()
        plain = io.BytesIO(f"{self.key.secret_text()}\n".encode())
        age.encrypt(plain, out, [ScryptRecipient(PASSPHRASE, CHEAP)])
        return self.write("identity.age", out.getvalue())

    def write(self, name: str, data: bytes) -> Path:
        """Write a file."""
        path = self.folder / name
        path.write_bytes(data)
        return path

    def filed(self, entry: Entry, name: str = "") -> Path:
        """Seal an entry to this office."""
        return filed(entry, self.key, self.folder, name)


def tar(*members: tuple[str, bytes]) -> bytes:
    """Return a tar as the form saves it."""
    parts = [
        ustar.header(name, len(data)) + data + bytes(ustar.padding(len(data)))
        for name, data in members
    ]
    return b"".join((*parts, ustar.END))


def conversation() -> tuple[Entry, list[Entry]]:
    """Return a report and what followed, whose writers had seen what came before."""
    first = report(ANSWERS)
    moved = following(
        first, addition("date", {"new-date": "March 3", "urgency": "life"}), "message"
    )
    reply = following(first, MessageBody(("contact",), "Dear all,\nplease write."), "reply")
    reply = authenticate(
        msgspec.structs.replace(reply, seen=(first.id, moved.id)), bytes(range(32))
    )
    note = following(first, MessageBody((), "ours alone"), "note")
    note = authenticate(
        msgspec.structs.replace(note, seen=(first.id, reply.id, "ab" * 16)), bytes(range(32))
    )
    return first, [note, reply, moved]


def whole(opener: Opener, number: int) -> None:
    """Wait until each of the files is known to be what it should."""
    opener.page.until(f".files li:nth-child({number})", "Whole and unaltered.")
