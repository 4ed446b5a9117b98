"""The pages of a file: nothing before it was verified, nothing but what it may show."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from werkzeug.test import TestResponse

from intake.desk import evidence
from intake.errors import ServerError
from intake.vault import custody
from tests.desk.hostile import HTML, every
from tests.media.pictures import png
from tests.media.samples import every as samples
from tests.support.files import naming, sealed
from tests.support.webdesk import WebDesk, words
from tests.support.webfiles import fetched, filed, sound

ALONE = "sandbox; default-src 'none'"


@pytest.fixture
def web(tmp_path: Path) -> Iterator[WebDesk]:
    """Return a desk that is unlocked."""
    made = WebDesk.make(tmp_path / "desk")
    yield made
    made.close()


def log(web: WebDesk, of: str = "1") -> list[str]:
    """Return what was done with the files of a case."""
    with web.services.vault.use() as opened:
        links = custody.links(opened.database, naming(of=of).case)
    custody.verify(links, naming(of=of).case)
    return [link.what for link in links if link.what.startswith("file")]


def found(pattern: str, text: str) -> str:
    """Return what a pattern finds once in a page."""
    (one,) = re.findall(pattern, text)
    return str(one)


def test_case_leads_to_its_files(web: WebDesk) -> None:
    """And a file back to its case; before it is fetched nothing of it is known or given."""
    at = filed(web, *sealed(png(), "photo.png", "image/png"))
    case = naming().case
    _, _, entry, file = at.split("/")
    assert f'href="/case/{case}?file={entry}.{file}#file"' in web.get(f"/case/{case}").text
    page = web.get(at)
    assert f'href="/case/{case}"' in page.text
    assert "not here yet" in page.text
    assert "not yet" in words(page.text)
    for method, path in (("get", f"{at}/save"), ("post", f"{at}/save")):
        answer = getattr(web, method)(path)
        assert answer.status_code == 400
        assert "fetch it first" in answer.text.lower()
    assert log(web) == []


def test_picture_is_shown_as_pixels_made_here(web: WebDesk) -> None:
    """With what is known of it; the log says that it was fetched and shown."""
    at = fetched(web, png(), "photo.jpg", "image/jpeg")
    page = web.get(at).text
    assert "said to be image/jpeg, and holds image/png" in page
    drawn = web.get(found(r'<img class="picture" src="([^"]*)"', page))
    assert drawn.mimetype == "image/png"
    assert drawn.data != png()
    assert Image.open(io.BytesIO(drawn.data)).size == (4, 2)
    _alone(drawn)
    assert log(web) == ["file fetched", "file shown"]


def test_picture_that_cannot_be_drawn_says_why(web: WebDesk) -> None:
    """And can be saved."""
    bomb = next(one for one in every() if one.label == "png bomb")
    at = fetched(web, bomb.data, "a.png", "image/png")
    page = web.get(at).text
    assert "too many pixels" in page
    assert "<img" not in page
    assert f'href="{at}/save"' in page


def test_text_is_shown_as_text(web: WebDesk) -> None:
    """Never as markup; what is too long is cut, and says so."""
    at = fetched(web, HTML + "\u202eabc".encode(), "page.html", "text/html")
    page = web.get(at).text
    assert "&lt;script&gt;window.pwned=1" in page
    assert "<script>window" not in page
    assert "⟨U+202E⟩abc" in page
    at = fetched(web, b"ab\n" * 500_000, "long.txt", "text/plain", "2")
    long = web.get(at)
    assert "Only the beginning" in long.text
    assert len(long.data) < 1_020_000


def test_what_is_not_shown_warns_and_is_saved_by_a_second_click(web: WebDesk) -> None:
    """As bytes, under a harmless name, and noted."""
    pdf = b"%PDF-1.7\n" + HTML
    at = fetched(web, pdf, "con.pdf", "application/pdf")
    page = web.get(at).text
    assert "can tell others that it was opened" in page
    assert not re.search(r"<(img|iframe|embed|object|pre)", page)
    asked = web.get(f"{at}/save").text
    assert "unencrypted" in asked
    assert "_con.pdf" in asked
    assert log(web) == ["file fetched", "file shown"]
    answer = web.post(f"{at}/save")
    assert answer.data == pdf
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment; filename=_con.pdf"
    assert answer.content_length == len(pdf)
    _alone(answer)
    assert log(web) == ["file fetched", "file shown", "file exported"]


def test_saving_needs_the_form(web: WebDesk) -> None:
    """A link gives nothing out, nor does a form of another site."""
    at = fetched(web, b"%PDF-1.7\n", "a.pdf", "application/pdf")
    assert web.get(f"{at}/save").mimetype == "text/html"
    origin = web.services.door.origin
    answer = web.client.post(f"{at}/save", base_url=origin, headers={"Origin": "https://evil.test"})
    assert answer.status_code == 403
    assert log(web) == ["file fetched"]


def test_sound_and_film_are_played_in_a_frame_without_rights(web: WebDesk) -> None:
    """Its document may load one address only, and run nothing."""
    for number, (data, name, kind, tag) in enumerate(
        (
            (sound(), "voice.wav", "audio/wav", "audio"),
            (samples()["early.mp4"], "film.mp4", "video/mp4", "video"),
        )
    ):
        at = fetched(web, data, name, kind, str(number))
        page = web.get(at).text
        frame = found(r'<iframe class="\w+" sandbox src="([^"]*)"', page)
        document = web.get(frame)
        source = found(rf'<{tag} src="([^"]*)" controls', document.text)
        policy = document.headers["Content-Security-Policy"]
        assert policy == (
            f"sandbox; default-src 'none'; media-src {source}; base-uri 'none'; "
            "frame-ancestors 'self'"
        )
        assert document.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
        assert "script" not in document.text
        assert source.startswith(f"{web.services.door.origin}/play/")


def played(web: WebDesk, data: bytes, name: str = "voice.wav", kind: str = "audio/wav") -> str:
    """Return the address from which a file is played."""
    page = web.get(fetched(web, data, name, kind)).text
    return found(r'<iframe [^>]*src="([^"]*)"', page).replace("/frame/", "/play/")


def bare(web: WebDesk, path: str, **headers: str) -> TestResponse:
    """Ask as a frame of another origin does: without the cookie."""
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "video", **headers}
    client = web.app.test_client(use_cookies=False)
    return client.get(path, base_url=web.services.door.origin, headers=headers)


def test_player_gets_ranges_by_the_token_alone(web: WebDesk) -> None:
    """From anywhere to anywhere, as browsers seek; several at once are not given."""
    data = sound(120)
    at, size = played(web, data), len(data)
    whole = bare(web, at)
    assert (whole.status_code, whole.data) == (200, data)
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert whole.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert whole.headers["Content-Security-Policy"].startswith(ALONE)
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert whole.headers["Cache-Control"] == "no-store"
    assert whole.mimetype == "audio/wav"
    for asked, start, end in (
        ("bytes=0-", 0, size),
        ("bytes=0-0", 0, 1),
        ("bytes=1000000-1100000", 1_000_000, 1_100_001),
        ("bytes=-7", size - 7, size),
        (f"bytes={size - 1}-{size + 900}", size - 1, size),
    ):
        part = bare(web, at, Range=asked)
        assert part.status_code == 206
        assert part.headers["Content-Range"] == f"bytes {start}-{end - 1}/{size}"
        assert part.content_length == end - start
        assert part.data == data[start:end]
    for asked in ("bytes=0-1,5-9", "lines=0-1", "bytes=x", "bytes=9-1"):
        assert bare(web, at, Range=asked).status_code == 200
    beyond = bare(web, at, Range=f"bytes={size}-")
    assert beyond.status_code == 416
    assert beyond.headers["Content-Range"] == f"bytes */{size}"


def test_only_sound_and_film_are_ever_played(web: WebDesk) -> None:
    """A page is not, even were a token given for it."""
    at = fetched(web, HTML, "film.mp4", "video/mp4")
    showcase = web.app.extensions[evidence.NAME]
    token = showcase.played.give(showcase.files.find(*at.split("/")[2:]))
    answer = bare(web, f"/play/{token}")
    assert (answer.status_code, answer.data) == (404, b"")


def test_token_ends_with_the_lock(web: WebDesk) -> None:
    """Also after the vault was unlocked again; and nobody can guess one."""
    at = played(web, sound())
    assert bare(web, f"{at}x").status_code == 404
    assert bare(web, "/play/").status_code in (403, 404)
    web.services.vault.lock()
    assert bare(web, at).status_code in (303, 404)
    web.services.vault.unlock([web.key])
    assert bare(web, at).status_code == 404


def test_only_the_player_may_come_without_the_cookie(web: WebDesk) -> None:
    """No page of a file opens to others, and the token opens nothing else."""
    at = fetched(web, png(), "photo.png", "image/png")
    page = web.get(at).text
    drawn = found(r'<img class="picture" src="([^"]*)"', page)
    for path in (at, f"{at}/save", drawn, "/frame/x"):
        assert bare(web, path).status_code == 403
    token = drawn.removeprefix("/drawn/").removesuffix(".png")
    assert bare(web, f"/play/{token}").status_code == 404


def test_what_is_not_the_file_is_said_and_not_shown(web: WebDesk) -> None:
    """It can be fetched again, and then it is shown."""
    told, made = sealed(png(), "photo.png", "image/png")
    at = filed(web, told, made[:-1])
    web.post(f"{at}/fetch")
    page = web.get(at).text
    assert "Not the file that was told of" in page
    assert "<img" not in page
    assert web.get(f"{at}/save").status_code == 400
    web.shelf.stock.files[told.id] = made
    web.post(f"{at}/fetch")
    assert "<img" in web.get(at).text
    assert log(web) == ["file altered", "file fetched", "file shown"]


def test_broken_line_is_said_and_changes_nothing(web: WebDesk) -> None:
    """What was there is still there."""
    at = fetched(web, b"words\n", "a.txt", "text/plain")

    def broken(_: int) -> None:
        raise ServerError("the file did not arrive whole, fetch it again")

    web.shelf.stock.before = broken
    answer = web.post(f"{at}/fetch")
    assert answer.status_code == 502
    assert "did not arrive whole" in answer.text
    assert "words" in web.get(at).text


def test_file_is_removed(web: WebDesk) -> None:
    """And no longer shown; the log says so."""
    at = fetched(web, b"words\n", "a.txt", "text/plain")
    assert web.post(f"{at}/forget").status_code == 303
    assert "not here yet" in web.get(at).text
    assert log(web)[-1] == "file removed"


def test_names_of_files_are_text(web: WebDesk) -> None:
    """Whatever stands in them, on every page of a file."""
    for number, one in enumerate(one for one in every() if one.label.startswith("name ")):
        at = fetched(web, one.data, one.name, one.type, str(number))
        for path in (at, f"{at}/save", f"/case/{naming(of=str(number)).case}"):
            page = web.get(path)
            assert page.status_code == 200
            assert "<script>window" not in page.text
            assert " onmouseover='" not in page.text
        saved = web.post(f"{at}/save").headers
        assert "Set-Cookie" not in saved
        assert saved["Content-Disposition"].startswith("attachment; filename")


def test_addresses_of_no_file_are_refused_in_a_sentence(web: WebDesk) -> None:
    """And write nothing down."""
    at = fetched(web, b"words\n", "a.txt", "text/plain")
    entry, file = at.split("/")[2:]
    for path in (
        f"/evidence/{file}/{entry}",
        f"/evidence/{entry}/{'0' * 32}",
        "/evidence/x/y",
        f"/evidence/{entry}/{file}%27",
        "/frame/x",
        "/drawn/x.png",
    ):
        answer = web.get(path)
        assert answer.status_code in (400, 404)
        assert "Not done" in answer.text
    assert log(web) == ["file fetched"]


def _alone(answer: TestResponse) -> None:
    """Assert that an answer can do nothing when it is opened by itself."""
    assert answer.headers["Content-Security-Policy"].startswith(ALONE)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"
