"""What a browser would send: a file sealed, a report sealed to its offices, as wire messages."""

import os
from dataclasses import dataclass, replace

from intake.core import report, wire
from intake.core.evidence import Evidence
from intake.crypto.derive import FilingSecret
from intake.crypto.evidence import FileSealer
from intake.server import nojs
from intake.server.nojs import Draft
from intake.store.records import Item
from tests.support.site import Site

TUS = {"Tus-Resumable": "1.0.0"}
PART = {**TUS, "Content-Type": "application/offset+octet-stream"}


@dataclass(frozen=True)
class File:
    """A sealed file, and what a report tells of it, but its id in the store."""

    told: Evidence
    data: bytes


def sealed_file(plain: bytes, name: str = "photo.jpg", media_type: str = "image/jpeg") -> File:
    """Seal a file to an identity of its own."""
    sealer = FileSealer(os.urandom(32))
    data = b"".join((sealer.start, sealer.update(plain), sealer.finish()))
    told = Evidence(
        digest=sealer.digest,
        id="0" * 32,
        key=sealer.key,
        length=len(plain),
        name=name,
        of="",
        type=media_type,
    )
    return File(told, data)


def begin(site: Site, size: int) -> str:
    """Announce a file, and return its id."""
    answer = site.client.post("/api/v1/uploads", headers={**TUS, "Upload-Length": str(size)})
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"].rpartition("/")[2]


def send(site: Site, file: File) -> Evidence:
    """Send a file whole, and return it with its id."""
    name = begin(site, len(file.data))
    headers = {**PART, "Upload-Offset": "0"}
    answer = site.client.patch(f"/api/v1/uploads/{name}", data=file.data, headers=headers)
    assert answer.status_code == 204, answer.text
    told = {field: getattr(file.told, field) for field in file.told.__struct_fields__}
    return Evidence(**{**told, "id": name})


def filing(site: Site, *files: Evidence, offices: tuple[str, ...] = ("investigators",)) -> Draft:
    """Return a report with these files, for these offices; the fallback gets the originals."""
    answers = {"account": "They took the list of names."}
    answered = report.make(answers, site.services.programme, "en", evidence=tuple(files))
    begun = nojs.begin(site.services, answered)
    return replace(begun, offices=offices)


def message(site: Site, draft: Draft) -> wire.Filing:
    """Return the message by which a browser would file it."""
    made = nojs.filing(site.services, draft, b"")
    return wire.Filing(made.case, tuple(map(letter, made.items)), made.mailbox_hash)


def letter(item: Item) -> wire.Letter:
    """Return a sealed item as a browser sends it."""
    return wire.Letter(
        item.entry,
        item.evidence,
        item.sealed.header.value,
        "report" if item.kind == "report" else "message",
        item.sealed.payload,
        item.reader,
    )


def fresh() -> FilingSecret:
    """Return another filing secret."""
    return FilingSecret(os.urandom(32))
