"""Files in a form without script: sealed as they arrive, then copied without what they tell.

Rules: no plain byte of a file reaches the disk; memory is some chunks, whatever the size; a file
is read again only while its key is still in hand, within the request that sealed it.
"""

import secrets
from contextlib import suppress
from functools import partial

from intake.core import canonical, evidence
from intake.core.evidence import Evidence, Found, Taken
from intake.crypto.derive import SECRET_BYTES
from intake.crypto.evidence import FileSealer
from intake.crypto.reread import SealedFile
from intake.crypto.stream import CHUNK_SIZE
from intake.errors import IntakeError
from intake.media.draft import apply
from intake.media.inspect import Inspection, inspect
from intake.server.services import Services
from intake.store.uploads import Stream

_UNNAMED = "file"
_PIECE = 16 * CHUNK_SIZE


class Files:
    """Where the files of one form go; `room` is what all of them may have together, in bytes."""

    def __init__(self, services: Services) -> None:
        """Take files for this store."""
        self._services = services
        self.room = services.config.file_bytes

    def begin(self, _field: str, filename: str, _media_type: str) -> "Sink":
        """Return where a file goes: its name is told to offices, its type is looked at here."""
        return Sink(self._services, filename)


class Sink:
    """Where one file goes, piece by piece."""

    def __init__(self, services: Services, name: str) -> None:
        """Begin a sealed file."""
        self._services = services
        self._name = name if evidence.is_name(name) else _UNNAMED
        self._sealed = _Sealed(services)

    def write(self, data: bytes, /) -> None:
        """Seal what came; raises EvidenceError, StoreError."""
        self._sealed.write(data)

    def end(self) -> str:
        """Return what the page carries of the file, copied where it told of its maker."""
        self._sealed.close()
        found = inspect(self._sealed.reader().read, self._sealed.length)
        original = self._sealed.told(self._name, found.type, "")
        copy = self._copy(original, found) if found.patches else None
        told = tuple(Found(one.code, one.value) for one in found.findings)
        return canonical.encode(Taken(copy, told, original, found.warning)).decode()

    def abandon(self) -> None:
        """Forget the file."""
        self._sealed.abandon()

    def _copy(self, original: Evidence, found: Inspection) -> Evidence:
        """Seal the file once more, with zeros over what tells of its maker."""
        reader, copy = self._sealed.reader(), _Sealed(self._services)
        try:
            for offset in range(0, original.length, _PIECE):
                piece = reader.read(offset, min(_PIECE, original.length - offset))
                copy.write(apply(found.patches, offset, piece))
            copy.close()
        except Exception:
            copy.abandon()
            raise
        return copy.told(original.name, original.type, original.id)


class _Sealed:
    """A file being sealed into the store."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._id = secrets.token_hex(16)
        self._sealer = FileSealer(services.random(SECRET_BYTES), services.random)
        self._stream: Stream = services.uploads.open(self._id, services.today())
        self._stream.write(self._sealer.start)

    @property
    def length(self) -> int:
        return self._sealer.length

    def write(self, data: bytes) -> None:
        if sealed := self._sealer.update(data):
            self._stream.write(sealed)

    def close(self) -> None:
        for sealed in self._sealer.rest():
            self._stream.write(sealed)
        self._stream.close()

    def abandon(self) -> None:
        self._stream.abandon()
        with suppress(IntakeError):
            self._services.uploads.end(self._id)

    def reader(self) -> SealedFile:
        read = partial(self._services.uploads.read_at, self._id)
        padded = evidence.padded(self.length)
        return SealedFile(self._sealer.payload_key, len(self._sealer.start), padded, read)

    def told(self, name: str, media_type: str, original: str) -> Evidence:
        return Evidence(
            digest=self._sealer.digest,
            id=self._id,
            key=self._sealer.key,
            length=self.length,
            name=name,
            of=original,
            type=media_type,
        )
