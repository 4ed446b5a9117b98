"""Files in forms without script: taken, shown, sealed to whom they may go, and never lost."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text as sql
from werkzeug.test import TestResponse

from intake.cli import files as opened_files
from intake.core import canonical, evidence, limits
from intake.core.entry import AdditionBody, Entry, ReportBody
from intake.core.evidence import Evidence, Taken
from intake.errors import ServerError
from intake.media.inspect import Inspection, inspect
from intake.server.services import Services
from intake.store.uploads import Uploads
from intake.web import findings, messages
from tests.media import canaries, pictures, samples
from tests.server.conftest import MakeSite
from tests.server.test_api import at
from tests.server.test_case import come
from tests.server.test_case import read as entries_of
from tests.support import large, multipart
from tests.support.multipart import Chosen
from tests.support.site import ORIGIN, Fields, Page, Site

VOICE = Chosen("voice note.ogg", samples.ogg())
PHOTO = Chosen("IMG_0042.jpg", pictures.telling_jpeg())
TYPED = [("account", "They took us off the bus. ¿Dónde está?"), ("place", "Nuevo Laredo")]
OFFICES = ("investigators", "children", "dhs-oig")


def post(
    site: Site,
    path: str,
    fields: Fields,
    files: Sequence[Chosen] = (),
    origin: str = ORIGIN,
) -> TestResponse:
    """Send a form with files as the site's own page would."""
    return site.raw(path, multipart.body(fields, files), multipart.TYPE, origin)


def review(site: Site, fields: Fields, files: Sequence[Chosen], language: str = "en") -> Page:
    """Return the review page of a form that must be taken."""
    answer = post(site, f"/{language}/", fields, files)
    assert answer.status_code == 200, answer.text
    return Page.of(answer.text)


def carried(page: Page, *dropped: str) -> list[tuple[str, str]]:
    """Return what a page sends back, but the end mark and fields of these names."""
    return [field for field in page.fields if field[0] not in ("end", *dropped)]


def taken(page: Page) -> list[Taken]:
    """Return the files that a page carries."""
    return [evidence.parse(value.encode()) for name, value in page.fields if name == "file"]


def send(site: Site, page: Page, offices: Sequence[str] = OFFICES) -> TestResponse:
    """Send a review page with these offices ticked."""
    fields = carried(page, "office")
    return site.post("/en/send", [*fields, *(("office", office) for office in offices)])


def files_of(entry: Entry) -> tuple[Evidence, ...]:
    """Return what an entry tells of its files."""
    assert isinstance(entry.body, ReportBody | AdditionBody)
    return entry.body.evidence


def names_of(entry: Entry) -> set[str]:
    """Return the ids of the files that an entry names."""
    return {one.id for one in files_of(entry)}


def inspected(data: bytes) -> Inspection:
    """Return what a file tells of its maker."""
    return inspect(lambda offset, size: data[offset : offset + size], len(data))


def fetch(site: Site, reader: str) -> Callable[[Evidence], Iterable[bytes]]:
    """Return what fetches sealed files as an office."""
    office = at(site).log_in(reader, site.identities[reader])
    return lambda told: office.evidence(told.id)


def written(site: Site, reader: str, entry: Entry, folder: Path) -> dict[str, bytes]:
    """Return the files that `intake open --out` writes for an entry, by what is told of them."""
    found = {}
    for one in opened_files.write(entry, folder, fetch(site, reader)):
        assert not one.problem
        found["copy" if one.told.of else "original"] = one.path.read_bytes()
    return found


def stored(site: Site) -> tuple[int, int]:
    """Return how many files the table and the folder hold."""
    uploads = site.services.uploads
    with uploads._database.read() as connection:
        rows = connection.execute(sql("SELECT count(*) FROM evidence")).scalar_one()
    return int(rows), len(list(uploads._blobs.names()))


def by_office(site: Site) -> dict[str, Entry]:
    """Return the one entry of each office, opened by whoever reads for it."""
    read = [entry for reader in ("investigators", "children") for entry in entries_of(site, reader)]
    return {entry.office: entry for entry in read}


# The first form


@pytest.mark.parametrize("language", ["en", "es"])
def test_voice_alone_is_enough(site: Site, language: str) -> None:
    """Nothing need be written; the review page names it, its size and that it may tell of her."""
    page = review(site, [("account", ""), ("place", "")], [VOICE], language)
    assert "voice note.ogg" in page.text
    assert findings.size(VOICE.length) in page.text
    said = site.services.languages[language]
    assert said.text(findings.WARNINGS["audio"]) in page.text
    assert send(site, page, ["investigators"]).status_code == 200
    (entry,) = entries_of(site, "investigators")
    (told,) = files_of(entry)
    assert (told.name, told.type, told.length) == ("voice note.ogg", "audio/ogg", VOICE.length)
    assert isinstance(entry.body, ReportBody)
    assert entry.body.answers == {}


def test_photo_alone_is_no_account(site: Site) -> None:
    """It stays, and the account is asked for."""
    answer = post(site, "/en/", [("account", ""), ("place", "Reynosa")], [PHOTO])
    page = Page.of(answer.text)
    assert answer.status_code == 422
    assert page.value("place") == "Reynosa"
    assert [one.original.name for one in taken(page)] == [PHOTO.name]


@pytest.mark.parametrize("language", ["en", "es"])
def test_review_page_shows_what_a_photo_tells(site: Site, language: str) -> None:
    """Each kind of thing under its own label, in her language; and that a copy goes on."""
    page = review(site, TYPED, [PHOTO], language)
    said = site.services.languages[language]
    for code, value in {
        "position": canaries.PLACE,
        "serial": canaries.SERIAL,
        "author": canaries.AUTHOR,
        "software": canaries.SOFTWARE,
        "comment": canaries.COMMENT,
    }.items():
        assert said.text(findings.FINDINGS[code]) in page.text
        assert value in page.text
    only = "We made a copy without this. Only offices you allow get the file as it was made."
    assert said.text(only) in page.text
    assert findings.size(PHOTO.length) in page.text


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    ("sample", "code"),
    [
        ("letter.pdf", "document"),
        ("film.webm", "video"),
        ("voice.ogg", "audio"),
        ("unknown", "unknown"),
        ("damaged.jpg", "damaged"),
    ],
)
def test_each_warning_is_said(site: Site, language: str, sample: str, code: str) -> None:
    """Of a file that cannot be cleaned."""
    page = review(
        site,
        TYPED,
        [Chosen(sample, (samples.every() | {"damaged.jpg": pictures.telling_jpeg()[:60]})[sample])],
        language,
    )
    assert site.services.languages[language].text(findings.WARNINGS[code]) in page.text
    assert not [field for field in page.fields if field[0] == "original"]


def test_originals_are_preselected_for_the_fallback_alone(site: Site) -> None:
    """Each office offered has the choice beside it."""
    page = review(site, [*TYPED, ("child", "yes"), ("agency", "cbp")], [PHOTO])
    offered = {a["value"] for _, a in page.tags if a.get("name") == "office"}
    beside = {a["value"] for _, a in page.tags if a.get("name") == "original"}
    assert set(OFFICES) <= offered == beside
    assert [v for name, v in page.fields if name == "original"] == ["investigators"]


def test_each_office_is_told_of_what_it_may_have(site: Site, tmp_path: Path) -> None:
    """The fallback has both; others have the copy, without a trace of the original or its key."""
    page = review(site, [*TYPED, ("child", "yes"), ("agency", "cbp")], [PHOTO, VOICE])
    photo, voice = taken(page)
    assert photo.copy is not None
    assert send(site, page).status_code == 200
    entries = by_office(site)
    assert set(entries) == set(OFFICES)
    assert files_of(entries["investigators"]) == (photo.original, photo.copy, voice.original)
    for office in ("children", "dhs-oig"):
        assert files_of(entries[office]) == (photo.copy, voice.original)
    children = at(site).log_in("children", site.identities["children"])
    with pytest.raises(ServerError):
        list(children.evidence(photo.original.id))
    both = written(site, "investigators", entries["investigators"], tmp_path / "investigators")
    assert both["original"] in (PHOTO.data, VOICE.data)
    copy = written(site, "children", entries["children"], tmp_path / "children")["copy"]
    assert len(copy) == PHOTO.length
    assert not [mark for mark in canaries.CANARIES if mark in copy]
    assert pictures.coded_picture() in copy


def test_what_is_opened_is_the_original_and_its_copy(site: Site, tmp_path: Path) -> None:
    """Byte for byte the file that was chosen; nothing of its maker in the copy; of every kind."""
    every = list(samples.every().items())
    copies = 0
    for batch in (every[: limits.FILES], every[limits.FILES :]):
        page = review(site, TYPED, [Chosen(name, data) for name, data in batch])
        assert send(site, page, ["investigators"]).status_code == 200
        told = {one.id: one for file in taken(page) for one in file.files}
        entry = next(e for e in entries_of(site, "investigators") if set(told) == names_of(e))
        for one in opened_files.write(entry, tmp_path, fetch(site, "investigators")):
            assert not one.problem
            opened, data = one.path.read_bytes(), dict(batch)[one.told.name]
            if one.told.of:
                copies += 1
                assert len(opened) == len(data)
                assert not [mark for mark in canaries.CANARIES if mark in opened]
            else:
                assert opened == data
    assert copies == sum(bool(inspected(data).patches) for _, data in every) > 10


def test_original_is_sent_where_she_says_so(site: Site) -> None:
    """And to the fallback no more, if she takes its tick away."""
    page = review(site, [*TYPED, ("child", "yes")], [PHOTO])
    fields = [*carried(page, "office", "original"), ("original", "children")]
    told = [*fields, ("office", "children"), ("office", "investigators")]
    assert site.post("/en/send", told).status_code == 200
    entries = by_office(site)
    assert [bool(one.of) for one in files_of(entries["children"])] == [False, True]
    assert [bool(one.of) for one in files_of(entries["investigators"])] == [True]


# Changing one's mind


def test_going_back_keeps_the_files_and_one_can_be_left_out(site: Site) -> None:
    """Ticks, words and the other file stay; nothing of the one left out is sent on."""
    page = review(site, [*TYPED, ("child", "yes")], [PHOTO, VOICE])
    fields = [*carried(page, "original"), ("office", "children"), ("original", "children")]
    form = Page.of(site.post("/en/change", fields).text)
    assert form.value("account") == TYPED[0][1]
    photo, voice = taken(form)
    again = review(site, [*carried(form), ("drop", photo.original.id)], [])
    assert taken(again) == [voice]
    assert again.words == page.words
    assert {v for name, v in again.fields if name == "office"} == {"investigators", "children"}
    assert send(site, again, ["investigators"]).status_code == 200
    (entry,) = entries_of(site, "investigators")
    assert files_of(entry) == (voice.original,)


def test_left_out_file_can_be_replaced_in_the_same_step(site: Site) -> None:
    """The new one comes behind those that stayed."""
    form = Page.of(site.post("/en/change", carried(review(site, TYPED, [PHOTO]))).text)
    (photo,) = taken(form)
    again = review(site, [*carried(form), ("drop", photo.original.id)], [VOICE])
    assert [one.original.name for one in taken(again)] == [VOICE.name]


def test_sent_twice_is_one_case_with_its_files(site: Site) -> None:
    """The second answer is the first."""
    page = review(site, TYPED, [PHOTO])
    first, second = send(site, page, ["investigators"]), send(site, page, ["investigators"])
    assert first.status_code == second.status_code == 200
    assert first.text == second.text
    assert site.count() == 1


def test_original_is_asked_about_when_the_first_photo_comes(site: Site) -> None:
    """Until then no page could ask: the fallback is preselected, as in the first place."""
    form = Page.of(site.post("/en/change", carried(review(site, TYPED, [VOICE]))).text)
    page = review(site, carried(form), [PHOTO])
    assert [value for name, value in page.fields if name == "original"] == ["investigators"]
    fields = carried(page, "original")
    again = review(site, carried(Page.of(site.post("/en/change", fields).text)), [PHOTO])
    assert [value for name, value in again.fields if name == "original"] == []


# Refusals


def assert_given_back(
    site: Site, answer: TestResponse, status: int, code: str, *names: str
) -> Page:
    """Check that everything typed came back, and the files of these names."""
    assert answer.status_code == status, answer.text
    page = Page.of(answer.text)
    assert site.services.languages["en"].text(messages.TEXTS[code]) in page.text
    for name, value in TYPED:
        assert page.value(name) == value
    assert [one.original.name for one in taken(page)] == list(names)
    assert site.count() == 0
    return page


def test_form_cut_off_gives_back_the_files_that_came(site: Site) -> None:
    """Also one cut in the middle of the second file: the first is there, the half is not."""
    answer = site.raw("/en/", multipart.body(TYPED, [PHOTO], end=False), multipart.TYPE)
    assert_given_back(site, answer, 400, "cut_off", PHOTO.name)
    whole = multipart.body(TYPED, [PHOTO, VOICE])
    answer = site.raw("/en/", whole[: whole.index(b"OpusHead")], multipart.TYPE)
    page = assert_given_back(site, answer, 400, "cut_off", PHOTO.name)
    assert review(site, carried(page), []).value("file") == page.value("file")


def test_form_of_another_site_is_given_back_without_its_files(site: Site) -> None:
    """They are not even looked at: another site could fill the disk."""
    answer = post(site, "/en/", TYPED, [PHOTO], origin="https://evil.test")
    assert_given_back(site, answer, 403, "origin")
    assert stored(site) == (0, 0)


def test_file_too_large_leaves_the_others(sites: MakeSite) -> None:
    """Nothing of it is kept."""
    site = sites(file_megabytes=1)
    large = Chosen("long.mp4", bytes((1 << 20) + 1))
    answer = post(site, "/en/", TYPED, [VOICE, large])
    assert_given_back(site, answer, 413, "files_too_large", VOICE.name)
    assert stored(site) == (1, 1)


def test_files_too_large_together_leave_those_that_fit(sites: MakeSite) -> None:
    """The room is that of the whole form."""
    site = sites(file_megabytes=1)
    half = bytes(600_000)
    answer = post(site, "/en/", TYPED, [Chosen("one", half), Chosen("two", half)])
    assert_given_back(site, answer, 413, "files_too_large", "one")
    assert stored(site) == (1, 1)


def test_full_disk_keeps_what_was_typed(sites: MakeSite) -> None:
    """No file, no row; the report can be sent without it."""
    site = sites(disk_megabytes=99_000_000)
    answer = post(site, "/en/", TYPED, [PHOTO])
    page = assert_given_back(site, answer, 507, "full")
    assert stored(site) == (0, 0)
    assert send(site, review(site, carried(page), []), ["investigators"]).status_code == 200


def test_disk_that_fills_meanwhile_keeps_its_room(sites: MakeSite) -> None:
    """No length is known before: it is looked again while a file comes, and nothing of it stays."""
    site = sites(lambda services: filling(services, 40 << 20), disk_megabytes=1)
    answer = post(site, "/en/", TYPED, [VOICE, Chosen("long.mp4", bytes(60 << 20))])
    assert_given_back(site, answer, 507, "full", VOICE.name)
    assert stored(site) == (1, 1)


def test_no_room_for_the_copy_leaves_neither(sites: MakeSite) -> None:
    """The original without its copy would tell every office what the page said it would not."""
    movie = large.movie(24 << 20)
    site = sites(lambda services: filling(services, 44 << 20), disk_megabytes=1)
    answer = post(site, "/en/", TYPED, [VOICE, Chosen("VID.mp4", movie)])
    assert_given_back(site, answer, 507, "full", VOICE.name)
    assert stored(site) == (1, 1)


def filling(services: Services, size: int) -> Services:
    """Return services on a disk of so many bytes."""

    def free(folder: Path) -> int:
        return size - sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

    blobs = replace(services.uploads._blobs, free=free)
    return replace(services, uploads=Uploads(services.uploads._database, blobs))


def test_too_many_forms_give_back_the_files(sites: MakeSite) -> None:
    """They came, so they need not come again."""
    site = sites(posts_per_address=1)
    site.post("/en/", TYPED)
    answer = post(site, "/en/", TYPED, [PHOTO])
    assert_given_back(site, answer, 429, "busy", PHOTO.name)


def test_unknown_field_gives_back_the_files(site: Site) -> None:
    """As everything else."""
    answer = post(site, "/en/", [*TYPED, ("x", "1")], [PHOTO])
    assert_given_back(site, answer, 400, "unknown_field", PHOTO.name)


@pytest.mark.parametrize(
    "damaged",
    [
        "{",
        "[]",
        "null",
        "{}",
        " " + "x" * 70_000,
        "[" * 100_000,
        "\udcff",
        '{"copy":null,"found":[],"original":{},"warning":""}',
    ],
)
def test_damaged_file_field_gives_back_what_was_typed(site: Site, damaged: str) -> None:
    """With the file that came whole, in her language."""
    fields = [*TYPED, ("file", damaged.encode(errors="replace").decode())]
    answer = post(site, "/es/", fields, [PHOTO])
    assert answer.status_code == 400, answer.text
    page = Page.of(answer.text)
    assert site.services.languages["es"].text(messages.TEXTS["damaged"]) in page.text
    for name, value in TYPED:
        assert page.value(name) == value
    assert [one.original.name for one in taken(page)] == [PHOTO.name]
    assert site.count() == 0


@pytest.mark.parametrize(
    "change",
    [
        {"length": -1},
        {"length": limits.FILE_LENGTH + 1},
        {"id": "../" * 10},
        {"key": "AGE-SECRET-KEY-1"},
        {"digest": "x"},
        {"name": "a/b"},
        {"name": ""},
        {"name": "a\nb"},
        {"type": "text/html\r\nX: y"},
        {"of": "x"},
    ],
)
def test_altered_file_field_is_refused(site: Site, change: dict[str, object]) -> None:
    """Whatever in it is out of form."""
    (one,) = taken(review(site, TYPED, [PHOTO]))
    told = {name: getattr(one.original, name) for name in one.original.__struct_fields__}
    altered = Taken(one.copy, one.found, Evidence(**{**told, **change}), one.warning)
    text = canonical.encode(altered).decode()
    answer = post(site, "/en/", [*TYPED, ("file", text)])
    assert_given_back(site, answer, 400, "damaged")


def test_file_twice_in_a_form_is_refused(site: Site) -> None:
    """With everything that was typed."""
    page = review(site, TYPED, [PHOTO])
    fields = [*TYPED, ("file", page.value("file")), ("file", page.value("file"))]
    answer = post(site, "/en/", fields)
    assert_given_back(site, answer, 400, "damaged", PHOTO.name)


def test_file_of_another_case_cannot_be_named(site: Site) -> None:
    """Whoever knows what its page carried: the case is not kept, and the form comes back."""
    page = review(site, TYPED, [PHOTO])
    assert send(site, page, ["investigators"]).status_code == 200
    other = review(site, [*TYPED, ("file", page.value("file"))], [VOICE])
    answer = send(site, other, ["investigators"])
    assert answer.status_code == 409
    again = Page.of(answer.text)
    assert site.services.languages["en"].text(messages.TEXTS["files_gone"]) in again.text
    assert [one.original.name for one in taken(again)] == [PHOTO.name, VOICE.name]
    assert site.count() == 1
    form = Page.of(site.post("/en/change", carried(again)).text)
    dropped = ("drop", taken(form)[0].original.id)
    assert (
        send(site, review(site, [*carried(form), dropped], []), ["investigators"]).status_code
        == 200
    )
    assert site.count() == 2


def test_more_files_than_fit_are_given_back_to_be_left_out(site: Site) -> None:
    """Forty photographs come at once: all are there, and some can be sent later."""
    many = [Chosen(f"{number}.jpg", PHOTO.data) for number in range(40)]
    answer = post(site, "/en/", [*TYPED, ("child", "yes")], many)
    page = assert_given_back(site, answer, 422, "files_many", *(one.name for one in many))
    left_out = [("drop", one.original.id) for one in taken(page)[limits.FILES :]]
    fewer = review(site, [*carried(page), *left_out], [])
    assert send(site, fewer, ["children"]).status_code == 200
    (entry,) = entries_of(site, "children")
    assert [one.name for one in files_of(entry)] == [one.name for one in many[: limits.FILES]]


def test_empty_file_is_a_file(site: Site, tmp_path: Path) -> None:
    """Somebody chose it: it is shown with its size and opens as it is."""
    page = review(site, TYPED, [Chosen("empty.txt", b"")])
    assert "0 B" in page.text
    assert send(site, page, ["investigators"]).status_code == 200
    (entry,) = entries_of(site, "investigators")
    assert written(site, "investigators", entry, tmp_path) == {"original": b""}


def test_input_without_a_file_is_no_file(site: Site) -> None:
    """Browsers send it with an empty name."""
    page = review(site, TYPED, [Chosen("", b"")])
    assert taken(page) == []
    assert stored(site) == (0, 0)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\photo.jpg", "photo.jpg"),
        ("..", "file"),
        ("a\x00b\x1b[2J.jpg", "ab[2J.jpg"),
        ("exe.\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe", "exe.gpj.exe"),
        ('<img src=x onerror="alert(1)">.jpg', '<img src=x onerror="alert(1)">.jpg'),
        ("{{ config }}.jpg", "{{ config }}.jpg"),
        ("line\r\nX-Injected: 1", "lineX-Injected: 1"),
        ("n" * 400 + ".jpg", "n" * 196 + ".jpg"),
        ("नमस्ते \N{PILE OF POO}.jpg", "नमस्ते \N{PILE OF POO}.jpg"),
        ("a\N{NO-BREAK SPACE}b.jpg", "file"),
        ("   ", "   "),
    ],
)
def test_hostile_name_is_shown_as_text_and_stays_in_its_folder(
    site: Site, tmp_path: Path, name: str, shown: str
) -> None:
    """Neither page nor file system follows it."""
    page = review(site, TYPED, [Chosen(name, PHOTO.data)])
    (one,) = taken(page)
    assert one.original.name == shown
    assert not any(tag in ("img", "script") for tag, _ in page.tags)
    assert send(site, page, ["investigators"]).status_code == 200
    (entry,) = entries_of(site, "investigators")
    assert written(site, "investigators", entry, tmp_path / "out")["original"] == PHOTO.data
    folder = tmp_path / "out" / entry.case / entry.id
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    mine = [path for path in files if tmp_path / "out" in path.parents]
    assert {path.parent for path in mine} == {folder}


def test_server_that_seals_nothing_takes_no_file(sites: MakeSite) -> None:
    """503 with everything that was typed, and no byte of the file."""
    site = sites(seal_without_script=False)
    answer = post(site, "/en/", TYPED, [PHOTO])
    assert_given_back(site, answer, 503, "no_files")
    assert stored(site) == (0, 0)


# The page of files, in a case that was acknowledged


def asked(site: Site) -> tuple[str, Page]:
    """Return the words of a case just filed, and its page of files."""
    witness = come(site)
    return witness.words, witness.post("ask", [("group", "evidence")])


def add(
    site: Site, page: Page, files: Sequence[Chosen], *more: tuple[str, str], do: str = "send"
) -> TestResponse:
    """Send the page of files."""
    fields = carried(page, "do", *(name for name, _ in more if name == "proof"))
    return post(site, "/en/add", [*fields, ("do", do), *more], files)


def test_files_are_shown_before_they_are_sent_on(site: Site, tmp_path: Path) -> None:
    """The first press seals them here and shows what each tells; the second sends them on."""
    _, page = asked(site)
    before = site.count()
    shown = add(site, page, [PHOTO, VOICE], ("proof", "two photos"))
    assert shown.status_code == 200
    again = Page.of(shown.text)
    assert site.services.languages["en"].text(messages.TEXTS["files_here"]) in again.text
    assert canaries.SERIAL in again.text
    assert again.value("proof") == "two photos"
    assert [value for name, value in again.fields if name == "original"] == ["investigators"]
    assert site.count() == before
    told = [("office", "investigators"), ("office", "children")]
    final = site.raw(
        "/en/add",
        multipart.body([*carried(again, "do", "office"), *told, ("do", "send")]),
        multipart.TYPE,
    )
    assert "Kept:" in Page.of(final.text).text
    photo, voice = taken(again)
    added = [e for e in entries_of(site, "children") if isinstance(e.body, AdditionBody)]
    assert [files_of(entry) for entry in added] == [(photo.copy, voice.original)]
    mine = [
        e
        for e in entries_of(site, "investigators")
        if isinstance(e.body, AdditionBody) and e.office == "investigators"
    ]
    assert [files_of(entry) for entry in mine] == [(photo.original, photo.copy, voice.original)]
    copy = written(site, "children", added[0], tmp_path)["copy"]
    assert not [mark for mark in canaries.CANARIES if mark in copy]


def test_files_alone_are_an_addition_and_sent_twice_are_one(site: Site) -> None:
    """The same page pressed again answers as before."""
    _, page = asked(site)
    again = Page.of(add(site, page, [PHOTO]).text)
    first, second = add(site, again, []), add(site, again, [])
    assert first.status_code == second.status_code == 200
    assert "Kept:" in Page.of(first.text).text
    added = [
        e
        for e in entries_of(site, "investigators")
        if isinstance(e.body, AdditionBody) and e.office == "investigators"
    ]
    assert len(added) == 1


def test_all_files_left_out_are_no_addition(site: Site) -> None:
    """Nothing is answered then."""
    _, page = asked(site)
    again = Page.of(add(site, page, [PHOTO]).text)
    answer = add(site, again, [], ("drop", taken(again)[0].original.id))
    assert answer.status_code == 422
    assert taken(Page.of(answer.text)) == []


@pytest.mark.parametrize("wrong", ["cut off", "unknown field", "another site"])
def test_refused_page_of_files_comes_back_with_them(site: Site, wrong: str) -> None:
    """What came before stays in every case; what came now, unless another site sent it."""
    _, page = asked(site)
    again = Page.of(add(site, page, [PHOTO]).text)
    fields = [*carried(again, "do", "proof"), ("proof", "two photos"), ("do", "send")]
    fields += [("x", "1")] if wrong == "unknown field" else []
    body = multipart.body(fields, [VOICE], end=wrong != "cut off")
    origin = "https://evil.test" if wrong == "another site" else ORIGIN
    answer = site.raw("/en/add", body, multipart.TYPE, origin)
    assert answer.status_code == (403 if wrong == "another site" else 400)
    given = Page.of(answer.text)
    names = [PHOTO.name] if wrong == "another site" else [PHOTO.name, VOICE.name]
    assert [one.original.name for one in taken(given)] == names
    assert given.value("proof") == "two photos"


def test_more_files_than_fit_in_an_addition_are_given_back(site: Site) -> None:
    """All of them, with what was typed."""
    _, page = asked(site)
    many = [Chosen(f"{number}.jpg", PHOTO.data) for number in range(limits.FILES + 1)]
    shown = Page.of(add(site, page, many).text)
    answer = add(site, shown, [])
    assert answer.status_code == 422, answer.text
    given = Page.of(answer.text)
    assert site.services.languages["en"].text(messages.TEXTS["files_many"]) in given.text
    assert len(taken(given)) == len(many)
    fewer = add(site, given, [], ("drop", taken(given)[0].original.id))
    assert "Kept:" in Page.of(fewer.text).text


def test_damaged_file_field_gives_back_the_page_of_files(site: Site) -> None:
    """With what was typed, and the file that came whole."""
    _, page = asked(site)
    answer = add(site, page, [PHOTO], ("file", "{"), ("proof", "two photos"))
    assert answer.status_code == 400, answer.text
    given = Page.of(answer.text)
    assert given.value("proof") == "two photos"
    assert [one.original.name for one in taken(given)] == [PHOTO.name]


def test_file_of_another_case_cannot_be_added(site: Site) -> None:
    """409, with the page as it was."""
    first = review(site, TYPED, [PHOTO])
    assert send(site, first, ["investigators"]).status_code == 200
    _, page = asked(site)
    count = site.count()
    answer = add(site, page, [], ("file", first.value("file")), ("proof", "two photos"))
    assert answer.status_code == 409
    given = Page.of(answer.text)
    assert site.services.languages["en"].text(messages.TEXTS["files_gone"]) in given.text
    assert len(taken(given)) == 1
    assert site.count() == count


def test_page_of_files_is_closed_where_nothing_is_sealed_here(sites: MakeSite) -> None:
    """A page opened before the switch comes back with what was typed."""
    site = sites(seal_without_script=False)
    fields = [("words", ""), ("group", "evidence"), ("proof", "two photos"), ("do", "send")]
    answer = post(site, "/en/add", fields, [PHOTO])
    assert answer.status_code == 503
    assert "two photos" in answer.text
    assert stored(site) == (0, 0)
