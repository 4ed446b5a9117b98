"""How a file is shown: by what it holds; a lie is told; nothing in a text or a name acts."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core.evidence import Evidence
from intake.desk import pixels, showing
from intake.desk.showing import Way, saved_name, view, visible
from intake.media.sniff import UNKNOWN, ZIP

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def told(name: str = "file", kind: str = UNKNOWN) -> Evidence:
    """Return what is told of a file."""
    return Evidence("0" * 64, "0" * 32, "", 1, name, "", kind)


def test_only_what_is_listed_is_shown() -> None:
    """Everything else is saved, and each has its warning."""
    shown = {
        "image/jpeg": Way.PIXELS,
        "text/plain": Way.TEXT,
        "audio/ogg": Way.SOUND,
        "video/webm": Way.FILM,
    }
    for kind, way in shown.items():
        assert view(told(kind=kind), kind).way is way
        assert view(told(kind=kind), kind).warning == ""
        assert showing.warning(kind)
    for kind in (
        *("application/pdf", ZIP, DOCX, UNKNOWN, "image/svg+xml", "text/html", "image/heic"),
        *("audio/amr", "video/x-matroska", "application/x-ole-storage", "", "text/plain; x"),
    ):
        assert view(told(), kind).way is Way.DOWNLOAD
        assert view(told(), kind).warning


def test_pictures_shown_are_those_that_are_drawn() -> None:
    """The two lists agree."""
    assert {kind for kind, way in showing.WAYS.items() if way is Way.PIXELS} == set(pixels.KINDS)


@pytest.mark.parametrize(
    ("name", "kind", "true", "lie"),
    [
        ("a.jpg", "image/jpeg", "image/jpeg", ""),
        ("a.JPG", "image/pjpeg", "image/jpeg", ""),
        ("a", UNKNOWN, "image/jpeg", ""),
        ("voice.m4a", "audio/x-m4a", "video/mp4", ""),
        ("voice.webm", "audio/webm", "video/webm", ""),
        ("voice.opus", "audio/ogg", "audio/ogg", ""),
        ("a.csv", "text/csv", "text/plain", ""),
        ("a.svg", "image/svg+xml", "text/plain", ""),
        ("a.html", "text/html", "text/plain", ""),
        ("a.rtf", "application/rtf", "text/plain", ""),
        ("a.txt", "text/plain", UNKNOWN, ""),
        ("a.epub", "application/epub+zip", ZIP, ""),
        ("a.7z", "application/x-7z-compressed", UNKNOWN, ""),
        ("a.doc", "application/msword", "application/x-ole-storage", ""),
        ("a.exe", "application/x-msdownload", UNKNOWN, ""),
        (
            "a.jpg",
            "image/jpeg",
            "application/pdf",
            "said to be image/jpeg, and holds application/pdf",
        ),
        ("a.jpg", "image/jpeg", "text/plain", "said to be image/jpeg"),
        ("a.jpg", "image/jpeg", UNKNOWN, "holds something unknown"),
        ("a.pdf", "application/pdf", "image/jpeg", "said to be application/pdf"),
        ("a.txt", "text/plain", "image/jpeg", "said to be text/plain"),
        ("a.docx", DOCX, ZIP, "holds application/zip"),
        ("a.jpg", "image/jpeg", "image/png", "holds image/png"),
        ("a.mp4", "video/mp4", "text/plain", "said to be video/mp4"),
        ("a.txt", "image/jpeg", "image/jpeg", "name ends as that of text/plain"),
        ("a.jpg.exe", "image/jpeg", "image/jpeg", "name ends as that of a program"),
        ("a.jpg", UNKNOWN, "application/pdf", "name ends as that of image/jpeg"),
        ("a", "x-strange/type", "image/jpeg", "said to be x-strange/type"),
    ],
)
def test_what_is_not_as_told_is_said(name: str, kind: str, true: str, lie: str) -> None:
    """By its type or by the end of its name; what only has several names is none."""
    found = view(told(name, kind), true).lie
    assert (lie in found) if lie else found == ""


def test_text_is_read_as_its_mark_says() -> None:
    """UTF-8 without one; what is not text in it is replaced."""
    words = "Señal 日本 😀\n"
    for data in (
        words.encode(),
        words.encode("utf-8-sig"),
        words.encode("utf-16"),
        b"\xfe\xff" + words.encode("utf-16-be"),
    ):
        assert showing.text(data, is_cut=False) == words
    assert showing.text(b"Se\xf1al", is_cut=False) == "Se\N{REPLACEMENT CHARACTER}al"


@pytest.mark.parametrize("coding", ["utf-8", "utf-16"])
def test_a_text_cut_within_a_character_ends_before_it(coding: str) -> None:
    """Half of it would be shown as a fault of the file."""
    data = ("a" * 10 + "😀").encode(coding)
    for cut in range(1, 4):
        assert set(showing.text(data[:-cut], is_cut=True)) == {"a"}


def test_what_steers_a_display_is_named_instead() -> None:
    """Escape codes, turned order, hidden marks, half letters; joiners that scripts need stay."""
    assert visible("a\x1b[31mb\0") == "a⟨U+001B⟩[31mb⟨U+0000⟩"
    assert visible("gpj.\u202eexe") == "gpj.⟨U+202E⟩exe"
    assert visible("\u2066\u200b\ufeff\ud800\U000e0041") == (
        "⟨U+2066⟩⟨U+200B⟩⟨U+FEFF⟩⟨U+D800⟩⟨U+E0041⟩"
    )
    assert visible("יש\u200c\tאל\u200f") == "יש\u200c\tאל\u200f"
    assert visible("a\r\nb\rc\u2028d") == "a\nb\nc⟨U+2028⟩d"


@given(st.text(st.characters()))
def test_no_text_keeps_what_steers(words: str) -> None:
    """Whatever it is made of, and it can always be encoded."""
    shown = visible(words)
    shown.encode()
    kept = {unicodedata.category(one) for one in shown if one not in showing._NEEDED}
    assert not kept & set(showing._STEERING)


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        ("photo.jpg", "photo.jpg"),
        ("Señal 日本.jpg", "Señal 日本.jpg"),
        ("../../.bashrc", "_.._.bashrc"),
        ("..", "file"),
        (".hidden", "file.hidden"),
        ("~$x.doc", "$x.doc"),
        ("a/b\\c:d.txt", "a_b_c_d.txt"),
        ("con.txt", "_con.txt"),
        ("NUL", "_NUL"),
        ("com1.tar.gz", "_com1.tar.gz"),
        ("gpj.\u202eexe", "gpj._exe"),
        ("a\r\nSet-Cookie: x=1.txt", "a__Set-Cookie_ x=1.txt"),
        ('a";filename="b.exe', "a__filename=_b.exe"),
        ("name. . .", "name"),
        ("%2e%2e.txt", "_2e_2e.txt"),
        ("\ud800.txt", "_.txt"),
        ("", "file"),
    ],
)
def test_saved_name_is_one_on_every_system(name: str, saved: str) -> None:
    """No path, no device of Windows, nothing hidden, nothing that ends a header."""
    assert saved_name(told(name)) == saved


@given(st.text(st.characters(), max_size=400))
def test_any_name_becomes_a_name(name: str) -> None:
    """Short, in one line, not hidden, and encodable."""
    saved = saved_name(told(name))
    assert 0 < len(saved) <= showing.NAME + 2
    assert saved[0] not in ". ~"
    assert saved[-1] not in ". "
    assert not set(saved) & set(showing._FORBIDDEN)
    assert saved.split(".")[0].upper() not in showing._RESERVED
    saved.encode()
