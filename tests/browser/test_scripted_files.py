"""Files of a report that is filed by the page's script, over a line that breaks; and a lost tab.

A voice instead of an account, a long film, a photograph: sealed in the browser, opened by offices.
"""

import secrets
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256, shake_256
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest

from intake.media.draft import apply
from intake.media.inspect import inspect
from tests.browser.between import Between, laid
from tests.browser.scripted import ADD, MORE, Browser, come_back, told
from tests.media import samples
from tests.media.canaries import CANARIES
from tests.media.movies import box, movie
from tests.media.pictures import telling_jpeg
from tests.support.server import DemoServer

# Minutes of a browser: in make check-all.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

MEBIBYTE = 1 << 20
FILMS = [3, pytest.param(48, marks=pytest.mark.slow)]
"""Lengths of films in MiB, each MiB one kilobyte over and over: a window of it is easily found."""
WINDOW = 24

PLACE = f"bridge {secrets.token_hex(6)}"
CONTACT = f"ask for {secrets.token_hex(6)} at shelter nine"
PROOF = f"¿dónde están? {secrets.token_hex(6)}"
VOICE, MOVIE, PICTURE = "grabación de voz.ogg", "Crossing 14.mp4", "IMG_2044 Tashi.jpg"
TYPES = {VOICE: "audio/ogg", MOVIE: "video/mp4", PICTURE: "image/jpeg"}


def noise(number: int, size: int = 1024) -> bytes:
    """Return bytes without any order, always the same."""
    return shake_256(bytes([number])).digest(size)


def film(length: int) -> bytes:
    """Return a movie that tells of its maker, so many MiB long."""
    return movie() + box(b"mdat", *(noise(number) * 1024 for number in range(length)))


@dataclass(frozen=True)
class Filed:
    """What was filed, what passed the line, what two offices opened and where."""

    length: int
    files: dict[str, bytes]
    words: list[list[str]]
    between: Between
    opened: dict[str, list[dict[str, Any]]]
    out: Path


@pytest.fixture(scope="module", params=FILMS)
def filed(
    request: pytest.FixtureRequest, base: Path, server: DemoServer, chromium: Browser
) -> Iterator[Filed]:
    """File a spoken report, then a film and a photograph, while the line breaks twice."""
    length: int = request.param
    folder = base / str(length)
    files = {VOICE: samples.ogg() + noise(255, 5000), MOVIE: film(length), PICTURE: telling_jpeg()}
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    voice, *others = (str(folder / name) for name in files)
    with laid(server.port) as between:
        between.pause = min(3, length / 3)
        between.breaks = [length * MEBIBYTE // 3, length * MEBIBYTE * 4 // 3]
        tab = chromium.open(f"{between.origin}/en/").ready().type("#place", f"{PLACE} {length}")
        tab.answer("child", "yes").tell("give", selector="#voice [name=new]", files=[voice])
        tab.until(".files", "Arrived, sealed.").read_over()
        words = tab.seen["words"]
        tab.press("[name=office][value=children]").type("#contact-children", CONTACT).send()
        tab.ask("evidence").type("#proof", PROOF)
        tab.tell("give", selector="[data-group=evidence] [name=new]", files=others)
        tab.press(ADD).until(f"{MORE} .fine", seconds=120)
        read = {}
        for office in ("investigators", "children"):
            read[office] = told(server, office, f"{PLACE} {length}", out=folder / office)
        yield Filed(length, files, words, between, read, folder)


def named(filed: Filed, office: str) -> list[tuple[dict[str, Any], bytes]]:
    """Return what an office was told of each file, with the file that it opened."""
    found = []
    for entry in filed.opened[office]:
        for number, file in enumerate(entry["body"]["evidence"], 1):
            folder = filed.out / office / entry["case"] / entry["id"]
            (path,) = folder.glob(f"{number:02}-*")
            assert path.name == f"{number:02}-{file['name']}"
            found.append((file, path.read_bytes()))
    return found


def digest(data: bytes) -> str:
    """Return the digest of a file, computed apart: SHA-256 over the SHA-256s of its MiB."""
    pieces = [data[at : at + MEBIBYTE] for at in range(0, len(data), MEBIBYTE)]
    return sha256(b"".join(sha256(piece).digest() for piece in pieces)).hexdigest()


def cleaned(data: bytes) -> bytes:
    """Return the copy without what tells of its maker."""
    patches = inspect(lambda at, size: data[at : at + size], len(data)).patches
    return bytes(apply(patches, 0, data))


def test_line_broke_twice_and_all_arrived_at_the_office_that_gets_it_as_it_is(
    filed: Filed,
) -> None:
    """True names, types, lengths, digests and bytes of all three, also over a broken line."""
    assert filed.between.broke == 2
    whole = {t["name"]: (t, data) for t, data in named(filed, "investigators") if not t["of"]}
    assert set(whole) == set(filed.files)
    for name, data in filed.files.items():
        file, found = whole[name]
        assert (file["type"], file["length"]) == (TYPES[name], len(data))
        assert file["digest"] == digest(data)
        assert found == data


def test_other_office_gets_the_cleaned_copies(filed: Filed) -> None:
    """Film and photograph come without what tells of their maker; the voice has no copy."""
    files = {t["name"]: (t, data) for t, data in named(filed, "children")}
    assert set(files) == set(filed.files)
    for name in (MOVIE, PICTURE):
        file, found = files[name]
        original = filed.files[name]
        assert file["of"] != ""
        assert found == cleaned(original) != original
        assert [canary for canary in CANARIES if canary in found] == []


def test_report_was_told_by_voice(filed: Filed) -> None:
    """Nothing was written about what happened, and each office has the rest."""
    for office in ("investigators", "children"):
        report, proof = sorted(filed.opened[office], key=lambda entry: entry["kind"] == "message")
        assert report["body"]["answers"] == {
            "place": f"{PLACE} {filed.length}",
            "child": "yes",
        }
        assert proof["body"]["answers"] == {"proof": PROOF}
        assert report["body"]["contact"] == (CONTACT if office == "children" else "")


def shapes(text: str) -> list[bytes]:
    """Return the bytes under which a text would pass: plain, as of a form, base64, wide."""
    plain = text.encode()
    coded = [b64encode(bytes(shift) + plain)[4 if shift else 0 : -4] for shift in range(3)]
    return [
        plain,
        quote_plus(text).encode(),
        text.encode("utf-16-le"),
        plain.hex().encode(),
        *coded,
    ]


def test_nothing_of_it_passed_the_line_in_clear(filed: Filed) -> None:
    """No typed text, name, word or number of her words, and no 24 bytes of any file."""
    passed = bytes(filed.between.seen)
    assert len(passed) > 2 * filed.length * MEBIBYTE
    texts = [PLACE, CONTACT, PROOF, *(name.rpartition(".")[0] for name in TYPES)]
    hidden = [shape for text in texts for shape in shapes(text)]
    for column in (0, 1):
        listed = [word[column] for word in filed.words]
        for between in (" ", "+", "%20", '","', '", "', "-", ""):
            hidden += [f"{one}{between}{other}".encode() for one, other in pairwise(listed)]
    hidden += [media_type.encode() for media_type in TYPES.values()]
    for name in (VOICE, PICTURE):
        hidden += windows(filed.files[name])
    for number in (0, filed.length // 2, filed.length - 1):
        hidden += windows(noise(number))
    # Shorter ones could pass by chance.
    assert all(len(one) >= 6 for one in hidden)
    assert [one for one in hidden if one in passed] == []


def windows(data: bytes) -> list[bytes]:
    """Return 24 bytes of every 48; what is all alike could pass by chance."""
    found = [data[at : at + WINDOW] for at in range(0, len(data) - WINDOW, 2 * WINDOW)]
    return [one for one in found if len(set(one)) > WINDOW // 3]


def test_line_is_searched_where_something_is(filed: Filed) -> None:
    """The search itself works: what the browser says openly is found."""
    assert b"application/offset+octet-stream" in filed.between.seen
    assert b"/api/v1/cases" in filed.between.seen


def test_tab_that_dies_over_the_file_chooser_loses_nothing(
    server: DemoServer, browser: Browser
) -> None:
    """The camera took the memory: what was sent is there, under the words that were shown."""
    tab = browser.open(f"{server.origin}/en/").ready().type("#account", PROOF).read_over()
    words = tab.words
    tab.send().ask("evidence").type("#proof", "unsent")
    assert tab.tell("choose", selector="[data-group=evidence] [name=new]").seen["multiple"] is True
    tab.tell("crash")
    page = come_back(server, words)
    assert "It is here" in page
    assert "Filed on" in page
