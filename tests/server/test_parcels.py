"""Parcels of the offline form: kept whole and once, or refused whole with the reason."""

import os
import tarfile
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import func, select

from intake.core import canonical, limits, parcel, ustar
from intake.core.entry import Outer
from intake.core.parcel import Letter
from intake.crypto import opening
from intake.crypto.derive import FilingSecret, WitnessKeys, case_of
from intake.crypto.seal import Plaintext, Sealed, SealedHeader, seal
from intake.errors import ConflictError, EvidenceError, MismatchError, ParcelError
from intake.server.door import ClosedError
from intake.server.parcels import Receiver, Taken
from intake.store.blobs import Blobs
from intake.store.state import Name
from intake.store.tables import cases, evidence
from tests.server.conftest import MakeSite
from tests.server.test_api import at
from tests.support.parcels import Parcel, digest, saved, tar
from tests.support.sealed import sealed_file
from tests.support.site import TODAY, Site

PICTURE = sealed_file(b"\xff\xd8 a picture \xff\xd9" * 9000)
VOICE = sealed_file(b"OggS a voice" * 100, "voice.ogg", "audio/ogg")
LETTER, EVIDENCE = 0, 1
"""Places of the one letter and the one file of a parcel."""


def receiver(site: Site, file_bytes: int = 1 << 30) -> Receiver:
    """Return where parcels are taken in at a site."""
    found = site.services
    return Receiver(found.programme, found.records, found.uploads, found.door, file_bytes)


def take(site: Site, data: bytes, folder: Path, file_bytes: int = 1 << 30) -> Taken:
    """Take in a parcel that lies in a folder."""
    path = folder / "form-data.tar"
    path.write_bytes(data)
    return receiver(site, file_bytes).take(path, TODAY)


def kept(site: Site) -> tuple[int, int, list[str]]:
    """Return how many cases, and files of evidence in table and folder, a site holds."""
    with site.services.records._database.read() as connection:
        rows = [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (cases, evidence)
        ]
    return rows[0], rows[1], list(site.services.uploads._blobs.names())


NOTHING: tuple[int, int, list[str]] = (0, 0, [])


def test_parcel_is_kept_with_its_files_and_opens(site: Site, tmp_path: Path) -> None:
    """At every office it names; the witness's words open its mailbox."""
    made = saved(site, PICTURE, VOICE, offices=("investigators", "children"))
    assert take(site, made.data, tmp_path) == Taken(made.case, is_new=True)
    assert site.services.cases.behind(made.keys.mailbox()).id == made.case
    for name in ("investigators", "children"):
        office = at(site).log_in(name, site.identities[name])
        (sealed,) = office.entries()
        whole = Sealed(SealedHeader(sealed.header), sealed.payload)
        outer = Outer(sealed.case, sealed.kind, name, sealed.entry)
        entry = opening.open_entry(whole, [site.identities[name]], outer, site.services.programme)
        assert [file.name for file in entry.body.evidence] == ["photo.jpg", "voice.ogg"]  # type: ignore[union-attr] # a report
        for file, sent in zip(entry.body.evidence, (PICTURE, VOICE), strict=True):  # type: ignore[union-attr] # a report
            assert b"".join(office.evidence(file.id)) == sent.data


def test_same_parcel_twice_is_one_case(site: Site, tmp_path: Path) -> None:
    """And said so; nothing is written a second time."""
    made = saved(site, PICTURE)
    take(site, made.data, tmp_path)
    before = kept(site)
    assert take(site, made.data, tmp_path) == Taken(made.case, is_new=False)
    assert kept(site) == before


def test_another_content_under_the_same_case_is_a_conflict(site: Site, tmp_path: Path) -> None:
    """The first stays; of the other nothing does."""
    secret = FilingSecret(os.urandom(32))
    take(site, saved(site, PICTURE, secret=secret).data, tmp_path)
    before = kept(site)
    other = saved(site, VOICE, secret=secret)
    with pytest.raises(ConflictError, match=f"{other.case} is kept already with another content"):
        take(site, other.data, tmp_path)
    assert kept(site) == before


def test_altered_evidence_under_a_kept_case_is_a_conflict(site: Site, tmp_path: Path) -> None:
    """Letters alone do not make it the same."""
    made = saved(site, PICTURE)
    take(site, made.data, tmp_path)
    other = made.with_member(EVIDENCE, sealed_file(b"x" * len(PICTURE.data)).data)
    with pytest.raises(ConflictError):
        take(site, other.data, tmp_path)


def test_older_version_of_the_programme_is_taken(site: Site, tmp_path: Path) -> None:
    """A file lies in a drawer for weeks; the report itself says under which version it was made."""
    made = saved(site).saying(digest="0" * 64)
    assert take(site, made.data, tmp_path).is_new


def test_way_back_that_is_not_wanted_is_none(site: Site, tmp_path: Path) -> None:
    """Its case is bound to what stands for a mailbox, which no words open."""
    made = saved(site, way_back=False)
    assert made.contents.mailbox != made.keys.mailbox()
    assert take(site, made.data, tmp_path).is_new


def test_list_may_name_a_note_to_herself(site: Site) -> None:
    """Whether it is kept is said in one place for both ways in."""
    made = saved(site)
    recipient = made.keys.recipient()
    sealed = seal(Plaintext(b" " * 4096), [recipient])
    data, entry = sealed.header.value + sealed.payload, "5e" * 16
    letters = (*made.contents.letters, Letter(digest(data), entry, (), "note", "witness"))
    members = (*made.members, (f"{made.case}.note.witness.{entry}.age", data))
    noted = replace(made.saying(letters=letters), members=members)
    parsed = parcel.parse(canonical.encode(noted.contents))
    assert [name for name, _ in parsed.names()] == [name for name, _ in members]


def raw(change: Callable[[bytes], bytes]) -> Callable[[Parcel], bytes]:
    """Return what changes the bytes of a tar."""
    return lambda made: change(made.data)


def headed(change: Callable[[bytearray], None]) -> Callable[[Parcel], bytes]:
    """Return what changes the header of the letter, its sum made right again."""

    def spoil(made: Parcel) -> bytes:
        data = bytearray(made.data)
        at = data.index(made.members[LETTER][0].encode())
        block = data[at : at + ustar.BLOCK]
        change(block)
        block[148:156] = b" " * 8
        block[148:156] = b"%06o\0 " % sum(block)
        data[at : at + ustar.BLOCK] = block
        return bytes(data)

    return spoil


def put(at: int, value: bytes) -> Callable[[bytearray], None]:
    """Return what writes a field of a header."""

    def write(block: bytearray) -> None:
        block[at : at + len(value)] = value

    return write


def typed(kind: bytes) -> Callable[[Parcel], bytes]:
    """Return what makes something else of the letter's file."""
    return headed(put(156, kind))


def listed(**changes: object) -> Callable[[Parcel], bytes]:
    """Return what says something else in the list."""
    return lambda made: made.saying(**changes).data


def first(change: Callable[[bytes], bytes]) -> Callable[[Parcel], bytes]:
    """Return what changes the bytes of the list."""
    return lambda made: tar(
        ((parcel.FIRST, change(canonical.encode(made.contents))), *made.members)
    )


def members(
    change: Callable[[list[tuple[str, bytes]]], list[tuple[str, bytes]]],
) -> Callable[[Parcel], bytes]:
    """Return what changes the files of a tar."""
    return lambda made: tar(
        change([(parcel.FIRST, canonical.encode(made.contents)), *made.members])
    )


def letter(**changes: object) -> Callable[[Parcel], bytes]:
    """Return what says something else of the letter."""

    def spoil(made: Parcel) -> bytes:
        one = msgspec.structs.replace(made.contents.letters[0], **changes)
        spoiled = made.saying(letters=(one,))
        (name, _), *_ = spoiled.contents.names()
        (_, data), *others = made.members
        return replace(spoiled, members=((name, data), *others)).data

    return spoil


def relisted(**changes: object) -> Callable[[Parcel], bytes]:
    """Return what says something else of the letter in the list alone."""

    def spoil(made: Parcel) -> bytes:
        one = msgspec.structs.replace(made.contents.letters[0], **changes)
        return made.saying(letters=(one,)).data

    return spoil


def foreign(made: Parcel, format: int = tarfile.PAX_FORMAT, **changes: object) -> bytes:  # noqa: A002 - tarfile's word
    """Return the same files as Python's tarfile writes them."""
    out = BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as archive:
        for name, data in [(parcel.FIRST, canonical.encode(made.contents)), *made.members]:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            for key, value in changes.items():
                setattr(info, key, value)
            archive.addfile(info, BytesIO(data))
    return out.getvalue()


def cut(at: str, more: int) -> Callable[[Parcel], bytes]:
    """Return what cuts a tar off, some bytes behind the place of a name."""

    def spoil(made: Parcel) -> bytes:
        names = {"list": parcel.FIRST, "letter": made.members[0][0], "file": made.members[1][0]}
        # The last: the list names files too.
        return made.data[: made.data.rindex(names[at].encode()) + more]

    return spoil


def flipped(place: int) -> Callable[[Parcel], bytes]:
    """Return what alters one bit of a file, in the middle."""

    def spoil(made: Parcel) -> bytes:
        data = bytearray(made.data)
        _, content = made.members[place]
        data[data.index(content) + len(content) // 2] ^= 1
        return bytes(data)

    return spoil


def swapped(made: Parcel) -> bytes:
    """Return it with the mailbox of the courier's own words."""
    secret = FilingSecret(b"courier's" + bytes(23))
    own = WitnessKeys.of(secret.receipt(), made.contents.programme).mailbox()
    return made.saying(mailbox=own).data


CUT, STRANGE, ALTERED = "cut off", "never writes", "was altered on the way"
UNFIT, UNSEALED = "filing.json", "not sealed"
HOSTILE: dict[str, tuple[Callable[[Parcel], bytes], str]] = {
    "empty": (lambda _: b"", CUT),
    "no tar": (lambda _: os.urandom(5000), STRANGE),
    "zeros": (lambda _: bytes(10240), STRANGE),
    "cut in the list's header": (cut("list", 100), CUT),
    "cut in the list": (cut("list", 600), CUT),
    "cut in the letter's header": (cut("letter", 100), CUT),
    "cut in the letter": (cut("letter", 3000), CUT),
    "cut in the evidence": (cut("file", 30_000), CUT),
    "without its end": (raw(lambda data: data[:-1024]), "does not end"),
    "with half its end": (raw(lambda data: data[:-512]), "does not end"),
    "something behind its end": (raw(lambda data: data + b"x"), "does not end"),
    "zeros behind its end": (raw(lambda data: data + bytes(512)), "does not end"),
    "letter first": (members(lambda m: [m[1], m[0], *m[2:]]), STRANGE),
    "evidence before the letter": (members(lambda m: [m[0], m[2], m[1]]), STRANGE),
    "letter missing": (members(lambda m: [m[0], m[2]]), STRANGE),
    "evidence missing": (members(lambda m: m[:2]), STRANGE),
    "one file more": (members(lambda m: [*m, (f"{'ab' * 16}.age", b"x")]), "does not end"),
    "list twice": (members(lambda m: [m[0], *m]), STRANGE),
    "evidence twice": (members(lambda m: [*m, m[2]]), "does not end"),
    "path": (headed(put(0, b"../../etc/cron.d/x\0")), STRANGE),
    "absolute path": (headed(put(0, b"/etc/passwd\0")), STRANGE),
    "path in the prefix": (headed(put(345, b"../..")), STRANGE),
    "hard link": (typed(b"1"), STRANGE),
    "symbolic link": (typed(b"2"), STRANGE),
    "character device": (typed(b"3"), STRANGE),
    "block device": (typed(b"4"), STRANGE),
    "folder": (typed(b"5"), STRANGE),
    "pipe": (typed(b"6"), STRANGE),
    "pax header": (typed(b"x"), STRANGE),
    "global pax header": (typed(b"g"), STRANGE),
    "sparse file": (typed(b"S"), STRANGE),
    "long name": (typed(b"L"), STRANGE),
    "old regular file": (typed(b"\0"), STRANGE),
    "link name": (headed(put(157, b"elsewhere")), STRANGE),
    "mode": (headed(put(100, b"0004755")), STRANGE),
    "owner": (headed(put(265, b"root")), STRANGE),
    "time": (headed(put(136, b"14000000000")), STRANGE),
    "GNU's magic": (headed(put(257, b"ustar  \0")), STRANGE),
    "size in base 256": (headed(put(124, b"\x80" + bytes(10) + b"\x20")), STRANGE),
    "size of eight gibibytes": (headed(put(124, b"77777777777")), STRANGE),
    "size of nothing": (headed(put(124, b"00000000000")), ALTERED),
    "wrong sum": (raw(lambda data: data[:148] + b"000000\0 " + data[156:]), STRANGE),
    "written by another program": (foreign, STRANGE),
    "padding that is none": (raw(lambda data: data[:-1025] + b"x" + data[-1024:]), STRANGE),
    "letter altered": (flipped(LETTER), ALTERED),
    "evidence altered": (flipped(EVIDENCE), ALTERED),
    "letter in clear": (
        lambda made: made.with_member(LETTER, b"They took it." * 400).data,
        UNSEALED,
    ),
    "empty letter": (lambda made: made.with_member(LETTER, b"").data, UNSEALED),
    "letter cut short": (
        lambda made: made.with_member(LETTER, made.members[LETTER][1][:-16]).data,
        UNSEALED,
    ),
    "evidence in clear": (
        lambda made: made.with_member(EVIDENCE, b"\xff\xd8 a picture" * 900).data,
        UNSEALED,
    ),
    "evidence of no size": (
        lambda made: made.with_member(EVIDENCE, made.members[EVIDENCE][1][:-1]).data,
        UNSEALED,
    ),
    "mailbox swapped": (swapped, "does not belong to its mailbox"),
    "mailbox too short": (listed(mailbox=b"x" * 31), UNFIT),
    "case changed": (listed(case="0c" * 16), "does not belong to its mailbox"),
    "case that is none": (listed(case="../x"), UNFIT),
    "another programme": (listed(programme="elsewhere"), "another programme"),
    "programme that is no name": (listed(programme="\x1b[2J"), STRANGE),
    "no letter": (listed(letters=()), UNFIT),
    "unknown office": (letter(reader="nobody"), "does not know"),
    "office that is a path": (relisted(reader="../x"), UNFIT),
    "office that fits no name": (relisted(reader="o" * 24), UNFIT),
    "kind of letter that nobody files": (relisted(kind="reply"), UNFIT),
    "evidence that no letter names": (letter(evidence=()), UNFIT),
    "evidence named twice": (
        lambda made: letter(evidence=made.contents.letters[0].evidence * 2)(made),
        "does not know",
    ),
    "evidence that is not there": (letter(evidence=("ab" * 16,)), UNFIT),
    "another format": (listed(format="intake/offline/v2"), UNFIT),
    "unknown word in the list": (
        first(lambda data: data.replace(b'"urgent"', b'"sender":"x","urgent"')),
        UNFIT,
    ),
    "space in the list": (first(lambda data: data + b" "), UNFIT),
    "list in another order": (
        first(lambda data: data.replace(b'{"case"', b'{"urgent":true,"case"')),
        UNFIT,
    ),
    "list too long": (first(lambda data: data + b" " * limits.PARCEL_HEAD), STRANGE),
    "list that nests": (first(lambda _: b"[" * 60_000), UNFIT),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_parcel_is_refused_whole(name: str, site: Site, tmp_path: Path) -> None:
    """With the reason, and nothing of it stays."""
    spoil, reason = HOSTILE[name]
    made = saved(site, PICTURE)
    with pytest.raises(ParcelError, match=reason):
        take(site, spoil(made), tmp_path)
    assert kept(site) == NOTHING


def test_hostile_parcels_differ_from_one_that_is_taken(site: Site, tmp_path: Path) -> None:
    """None is refused for what every parcel has."""
    made = saved(site, PICTURE)
    assert all(spoil(made) != made.data for spoil, _ in HOSTILE.values())
    assert take(site, made.data, tmp_path).is_new


def test_courier_who_changes_case_and_mailbox_is_caught_when_it_is_opened(
    site: Site, tmp_path: Path
) -> None:
    """The case stands inside the sealed report: the office sets it aside."""
    made = saved(site)
    own = WitnessKeys.of(FilingSecret(bytes(32)).receipt(), made.contents.programme).mailbox()
    stolen = made.saying(mailbox=own, case=case_of(own))
    (name, _), *_ = stolen.contents.names()
    stolen = replace(stolen, members=((name, made.members[0][1]),))
    assert take(site, stolen.data, tmp_path).is_new
    (sealed,) = at(site).log_in("investigators", site.identities["investigators"]).entries()
    whole = Sealed(SealedHeader(sealed.header), sealed.payload)
    outer = Outer(sealed.case, sealed.kind, "investigators", sealed.entry)
    with pytest.raises(MismatchError, match="differ from outside"):
        opening.open_entry(
            whole, [site.identities["investigators"]], outer, site.services.programme
        )
    # The witness's own parcel is still taken: its case is another one.
    assert site.services.records.filed(made.case, b"") is None


def test_file_that_is_larger_than_the_server_takes_is_refused(site: Site, tmp_path: Path) -> None:
    """As it would be online."""
    with pytest.raises(EvidenceError, match="file_megabytes"):
        take(site, saved(site, PICTURE).data, tmp_path, file_bytes=len(PICTURE.data) - 1)
    assert kept(site) == NOTHING


def test_nothing_is_taken_where_nothing_is_taken(site: Site, tmp_path: Path) -> None:
    """An emergency ends this way in, too; what arrived before is never called lost."""
    before, made = saved(site), saved(site, PICTURE)
    take(site, before.data, tmp_path)
    site.services.door.remember(Name.STOPPED, TODAY)
    site.services.door._until = 0.0
    assert not take(site, before.data, tmp_path).is_new
    with pytest.raises(ClosedError):
        take(site, made.data, tmp_path)
    assert kept(site) == (1, 0, [])


def test_disk_that_fills_up_in_the_middle_keeps_nothing(sites: MakeSite, tmp_path: Path) -> None:
    """The second file has no room: the first goes too."""
    left = [10_000_000]

    def free(_folder: Path) -> int:
        left[0] -= 40_000
        return left[0]

    site = sites()
    uploads = site.services.uploads
    uploads._blobs = Blobs(uploads._blobs.folder, 9_800_000, free)
    made = saved(site, PICTURE, VOICE)
    with pytest.raises(EvidenceError, match="no room"):
        take(site, made.data, tmp_path)
    assert kept(site) == NOTHING
    uploads._blobs = Blobs(uploads._blobs.folder, 0)
    assert take(site, made.data, tmp_path).is_new


def test_import_that_broke_off_is_begun_anew(site: Site, tmp_path: Path) -> None:
    """What it left of a file is not in the way."""
    made = saved(site, PICTURE)
    name = made.contents.evidence[0].id
    site.services.uploads.begin(name, len(PICTURE.data), TODAY)
    site.services.uploads.append(name, 0, [PICTURE.data[:40_000]], TODAY)
    assert take(site, made.data, tmp_path).is_new
    office = at(site).log_in("investigators", site.identities["investigators"])
    assert b"".join(office.evidence(name)) == PICTURE.data


def test_file_of_another_case_is_not_taken_over(site: Site, tmp_path: Path) -> None:
    """Whoever knows its name gets neither the file nor its place."""
    take(site, saved(site, PICTURE).data, tmp_path)
    before = kept(site)
    with pytest.raises(ConflictError, match="another case"):
        take(site, saved(site, VOICE, PICTURE).data, tmp_path)
    assert kept(site) == before


def test_what_is_no_file_is_not_waited_for(site: Site, tmp_path: Path) -> None:
    """Nobody would ever write into this pipe."""
    os.mkfifo(tmp_path / "pipe")
    writer = os.open(tmp_path / "pipe", os.O_RDWR)
    try:
        with pytest.raises(ParcelError, match="is no file"):
            receiver(site).take(tmp_path / "pipe", TODAY)
    finally:
        os.close(writer)
