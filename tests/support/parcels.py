"""What the offline form would save for a site: a tar of sealed files, whole or spoiled."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import msgspec

from intake.core import canonical, parcel, ustar
from intake.core import entry as entries
from intake.core.entry import Entry, ReportBody
from intake.core.evidence import Digest
from intake.core.parcel import Contents, File, Letter
from intake.crypto.derive import FilingSecret, WitnessKeys, case_of
from intake.crypto.seal import Plaintext, seal
from tests.support.sealed import File as Sealed
from tests.support.site import TODAY, Site


@dataclass(frozen=True)
class Parcel:
    """A parcel in its parts: what it says that it holds, and every file that follows."""

    contents: Contents
    members: tuple[tuple[str, bytes], ...]
    keys: WitnessKeys = field(repr=False)

    @property
    def case(self) -> str:
        """The id of its case."""
        return self.contents.case

    @property
    def data(self) -> bytes:
        """The tar."""
        return tar(((parcel.FIRST, canonical.encode(self.contents)), *self.members))

    def saying(self, **changes: object) -> "Parcel":
        """Return it with another list, whose names and digests nobody made to fit."""
        return replace(self, contents=msgspec.structs.replace(self.contents, **changes))

    def with_member(self, at: int, data: bytes) -> "Parcel":
        """Return it with another content of one file, and the digest that belongs to it."""
        letters, files = list(self.contents.letters), list(self.contents.evidence)
        if at < len(letters):
            letters[at] = msgspec.structs.replace(letters[at], digest=digest(data))
        else:
            place = at - len(letters)
            files[place] = msgspec.structs.replace(files[place], digest=digest(data))
        members = list(self.members)
        members[at] = (members[at][0], data)
        changed = self.saying(letters=tuple(letters), evidence=tuple(files))
        return replace(changed, members=tuple(members))


def tar(members: Sequence[tuple[str, bytes]]) -> bytes:
    """Return the members as one tar."""
    parts = [
        ustar.header(name, len(data)) + data + bytes(ustar.padding(len(data)))
        for name, data in members
    ]
    return b"".join((*parts, ustar.END))


def digest(data: bytes) -> str:
    """Return the digest of a file."""
    taken = Digest()
    taken.update(data)
    return taken.hexdigest()


def saved(
    site: Site,
    *files: Sealed,
    offices: tuple[str, ...] = ("investigators",),
    secret: FilingSecret | None = None,
    way_back: bool = True,
) -> Parcel:
    """Return what the form saves of one report with these files."""
    programme, ring = site.services.programme, site.services.keyring
    secret = secret or FilingSecret(os.urandom(32))
    keys = WitnessKeys.of(secret.receipt(), programme.id)
    mailbox = keys.mailbox() if way_back else secret.no_mailbox()
    case = case_of(mailbox)
    told = tuple(
        msgspec.structs.replace(file.told, id=hashlib.sha256(file.data).hexdigest()[:32])
        for file in files
    )
    letters, members = [], []
    for office in offices:
        reader = programme.office(office).read_by
        body = ReportBody(
            answers={"account": "They took the list of names."},
            contact="",
            digest=programme.digest,
            evidence=told,
            language="en",
            message_key=keys.message_key(office).hex(),
            reply_to=keys.recipient().raw if way_back else b"",
            unscripted=False,
            version=programme.version,
        )
        entry = Entry(
            body=body,
            case=case,
            date="2026-11-24+01:00",
            direction="in",
            format="intake/entry/v1",
            id=keys.entry("report", office),
            kind="report",
            mac="",
            office=office,
            programme=programme.id,
            seen=(),
        )
        made = seal(Plaintext(entries.encode(entry)), ring.recipients(reader, TODAY))
        data = made.header.value + made.payload
        names = tuple(file.id for file in told)
        letters.append(Letter(digest(data), entry.id, names, "report", reader))
        members.append((f"{case}.report.{reader}.{entry.id}.age", data))
    for one, file in zip(told, files, strict=True):
        members.append((f"{one.id}.age", file.data))
    contents = Contents(
        case=case,
        digest=programme.digest,
        evidence=tuple(
            File(digest(file.data), one.id) for one, file in zip(told, files, strict=True)
        ),
        format="intake/offline/v1",
        letters=tuple(letters),
        mailbox=mailbox,
        programme=programme.id,
        urgent=False,
    )
    return Parcel(contents, tuple(members), keys)
