"""The offline form, opened from disk with the network off: filled in, saved, imported, opened."""

import base64
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from intake.cli import intake as command
from intake.core import entry as entries
from intake.core import parcel, receipt
from intake.core import programme as programmes
from intake.core.entry import ReportBody
from intake.core.programme import WITNESS
from intake.crypto import keyring
from intake.crypto.derive import WitnessKeys, case_of
from intake.crypto.opening import witness_identity
from intake.media.draft import apply
from intake.media.inspect import inspect
from intake.paths import PACKAGE, shipped
from intake.web import i18n, offline
from intake.web.offline import OfflineForm
from intake.wordlists import wordlist
from tests.browser.offline import NEXT, SAVE, SAVED, Page, browsing
from tests.browser.scripted import come_back, told
from tests.crypto import node
from tests.media import samples
from tests.media.canaries import CANARIES
from tests.media.pictures import telling_jpeg
from tests.support.server import DemoServer

# A minute of a browser: in make check-all.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

ACCOUNT = "They came at night, to the house by the bridge. ¿Dónde están?"
CONTACT = "ask for the baker at number nine"
PICTURE, VOICE = "IMG_2044 Tashi.jpg", "grabación de voz.ogg"
FILES = {PICTURE: telling_jpeg(), VOICE: samples.ogg() + bytes(range(256)) * 20}
TYPES = {PICTURE: "image/jpeg", VOICE: "audio/ogg"}
OFFICES = ("investigators", "children")
OVER = "Date = class extends Date { constructor() { super(4e12) } }"
"""A clock that has run far ahead."""

_OPEN = """
    import * as age from "age-encryption";
    import { readFileSync } from "node:fs";
    const opened = [];
    for (const { key, file } of JSON.parse(readFileSync(0, "utf8"))) {
        const decrypter = new age.Decrypter();
        decrypter.addIdentity(key);
        const plain = await decrypter.decrypt(Buffer.from(file, "base64"));
        opened.push(Buffer.from(plain).toString("base64"));
    }
    console.log(JSON.stringify(opened));
"""


def settings(server: DemoServer) -> dict[str, str]:
    """Return the settings of a server."""
    return {
        "INTAKE_KEYS": str(server.folder / "keys"),
        "INTAKE_DATA": str(server.folder / "data"),
    }


def brought(server: DemoServer, *files: Path) -> Result:
    """Return what `intake import` gave for files that somebody brought."""
    return CliRunner().invoke(command, ["import", *map(str, files)], env=settings(server))


@pytest.fixture(scope="module")
def folder(base: Path) -> Path:
    """Return the folder of forms and of the files that are chosen."""
    made = base / "offline"
    made.mkdir()
    for name, data in FILES.items():
        (made / name).write_bytes(data)
    return made


@pytest.fixture(scope="module")
def form(server: DemoServer, folder: Path) -> Path:
    """Return the form of the server."""
    out = folder / "form.html"
    done = CliRunner().invoke(command, ["export-form", "-o", str(out)], env=settings(server))
    assert done.exit_code == 0, done.output
    return out


def other(server: DemoServer, path: Path, ends: date, file_bytes: int = 1 << 30) -> Path:
    """Return another form of the server, with a last day and a largest file of its own."""
    programme = programmes.parse(shipped("programmes/default.toml").read_text("utf-8"))
    today = datetime.now(UTC).date()
    ring, _ = keyring.read(server.folder / "keys", programme, today)
    made = OfflineForm(programme, ring, today, file_bytes)
    scripts = offline.read(PACKAGE / "static")
    path.write_bytes(made.render(i18n.load("en", "public"), scripts, ends))
    return path


@pytest.fixture(scope="module")
def page(base: Path) -> Iterator[Page]:
    """Run one Chromium without a network."""
    with browsing("chromium", base / "offline-chromium") as one:
        yield one


@dataclass(frozen=True)
class Saved:
    """What one browser saved, the words that it showed, and what it asked of any line."""

    file: Path
    again: Path
    words: list[str]
    asked: list[str]
    noted: list[str]
    text: str


@pytest.fixture(scope="module", params=["chromium", "firefox"])
def saved(request: pytest.FixtureRequest, base: Path, folder: Path, form: Path) -> Iterator[Saved]:
    """Fill in the form with a photograph and a voice, for two offices, and save it twice."""
    name: str = request.param
    with browsing(name, base / f"filled-{name}") as one:
        one.open(form).type("#account", f"{ACCOUNT} {name}")
        one.tell("answer", name="child", value="yes")
        one.give(folder / PICTURE, folder / VOICE).read_over()
        shown = one.words
        one.press("[name=office][value=children]").type("#contact-children", CONTACT)
        file = one.save()
        first = file.rename(base / f"{name}-first.tar")
        assert one.words == shown
        again = one.press(SAVED).saved()
        yield Saved(first, again, shown, one.seen["asked"], one.seen["noted"], one.text)


@pytest.fixture(scope="module")
def case(server: DemoServer, saved: Saved) -> str:
    """Take in what was saved; return the id of its case."""
    done = brought(server, saved.file)
    assert done.exit_code == 0, done.output
    said, _, name = done.output.strip().partition(": ")
    assert said == "kept"
    return name


def read(server: DemoServer, office: str, case: str, out: Path) -> dict[str, Any]:
    """Return what an office reads of the case."""
    arguments = ["open", "--server", server.origin, "--office", office, "--json"]
    arguments += ["--identity", str(server.identity(office)), "--out", str(out)]
    done = CliRunner().invoke(command, arguments)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    (entry,) = (one for one in found if one["case"] == case)
    return dict(entry)


def cleaned(data: bytes) -> bytes:
    """Return the copy without what tells of its maker."""
    patches = inspect(lambda at, size: data[at : at + size], len(data)).patches
    return bytes(apply(patches, 0, data))


def digest(data: bytes) -> str:
    """Return the digest of a file that is shorter than a piece, computed apart."""
    return sha256(sha256(data).digest()).hexdigest()


def test_no_request_was_made_of_any_line(saved: Saved) -> None:
    """The file itself and what it made in memory, before and after."""
    assert {address.partition(":")[0] for address in saved.asked} <= {"file", "blob", "data"}
    assert saved.noted == []


def test_offices_read_what_was_typed_and_every_file(
    server: DemoServer, saved: Saved, case: str, tmp_path: Path
) -> None:
    """With its true name, type, length, digest and bytes; the other office gets the copy."""
    name = saved.file.name.partition("-")[0]
    for office in OFFICES:
        entry = read(server, office, case, tmp_path / office)
        body = entry["body"]
        assert body["answers"] == {"account": f"{ACCOUNT} {name}", "child": "yes"}
        assert body["contact"] == (CONTACT if office == "children" else "")
        assert body["unscripted"] is False
        for file in body["evidence"]:
            original = FILES[file["name"]]
            data = cleaned(original) if file["of"] else original
            assert (file["type"], file["length"]) == (TYPES[file["name"]], len(data))
            assert file["digest"] == digest(data)
            assert Path(entry["files"][file["id"]]).read_bytes() == data
        kinds = sorted((file["name"], bool(file["of"])) for file in body["evidence"])
        copy = (PICTURE, True)
        whole = [] if office == "children" else [(PICTURE, False)]
        assert [kind for kind in kinds if kind[0] == PICTURE] == (
            [copy] if office == "children" else [*whole, copy]
        )
        assert (VOICE, False) in kinds


def test_words_open_the_mailbox_that_its_case_is_bound_to(
    server: DemoServer, saved: Saved, case: str
) -> None:
    """Those that were shown before and after."""
    assert case_of(words_of(saved).mailbox()) == case
    assert "It is here" in come_back(server, saved.words)


def words_of(saved: Saved) -> WitnessKeys:
    """Return what the words on the page give."""
    places = receipt.parse(" ".join(saved.words), {"en": receipt.index(wordlist("en"))})
    programme = programmes.parse(shipped("programmes/default.toml").read_text("utf-8"))
    return WitnessKeys.of(places, programme.id)


def test_age_encryption_opens_every_part(server: DemoServer, saved: Saved, tmp_path: Path) -> None:
    """Letters with the keys of their offices, files with the keys that stand in the letters."""
    with tarfile.open(saved.file) as archive:
        archive.extractall(tmp_path, filter="data")
    contents = parcel.parse((tmp_path / parcel.FIRST).read_bytes())
    names = [name for name, _ in contents.names()]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([parcel.FIRST, *names])
    hers = witness_identity(words_of(saved)).secret_text()
    keys = [
        hers if letter.reader == WITNESS else server.identity(letter.reader).read_text().strip()
        for letter in contents.letters
    ]
    assert keys.count(hers) == 1
    offices = [(key, tmp_path / name) for key, name in zip(keys, names, strict=False)]
    told_to = [entries.parse(plain) for plain in opened_there(offices)]
    assert {entry.case for entry in told_to} == {contents.case}
    reports = [entry.body for entry in told_to if isinstance(entry.body, ReportBody)]
    assert len(reports) == len(told_to) - 1
    files = {file.id: file for body in reports for file in body.evidence}
    assert len(files) == len(contents.evidence) == 3
    plain = opened_there([(file.key, tmp_path / f"{name}.age") for name, file in files.items()])
    for file, padded in zip(files.values(), plain, strict=True):
        assert digest(padded[: file.length]) == file.digest


def test_office_that_got_the_file_by_hand_needs_no_server(
    server: DemoServer, saved: Saved, tmp_path: Path
) -> None:
    """It unpacks it and opens what is its own; what is another's is named."""
    with tarfile.open(saved.file) as archive:
        archive.extractall(tmp_path, filter="data")
    files = sorted(map(str, tmp_path.glob("*.age")))
    key = str(server.identity("investigators"))
    arguments = ["open", *files, "--identity", key, "--out", str(tmp_path / "opened"), "--json"]
    done = CliRunner().invoke(command, arguments)
    (entry,) = map(json.loads, done.stdout.splitlines())
    assert ACCOUNT in entry["body"]["answers"]["account"]
    assert len(entry["files"]) == len(entry["body"]["evidence"]) == 3
    refused, hers = sorted(line for line in done.stderr.splitlines() if ".age" in line)[::-1]
    assert ".report.children." in refused
    assert ".note.witness." in hers


def opened_there(files: list[tuple[str, Path]]) -> list[bytes]:
    """Return what npm's `age-encryption` finds in files, each with its key."""
    asked = [
        {"key": key, "file": base64.b64encode(path.read_bytes()).decode()} for key, path in files
    ]
    results = json.loads(node.run(_OPEN, data=json.dumps(asked).encode()))
    return [base64.b64decode(text) for text in results]


def test_nothing_that_was_typed_or_chosen_stands_in_the_file(saved: Saved) -> None:
    """No text, no name or kind of a file, no two words, nothing that a photograph tells."""
    data = saved.file.read_bytes()
    hidden = [ACCOUNT, CONTACT, PICTURE, VOICE, "image/jpeg"]
    # In pairs: one of four letters alone may stand in base64 by chance.
    hidden += [f"{a}{mark}{b}" for a, b in pairwise(saved.words) for mark in (" ", "-", ",", "")]
    assert [text for text in hidden if text.encode() in data] == []
    assert [canary for canary in CANARIES if canary in data] == []


def test_saved_twice_it_is_the_same_and_kept_once(
    server: DemoServer, saved: Saved, case: str
) -> None:
    """Whoever is not sure presses again."""
    assert saved.again.read_bytes() == saved.file.read_bytes()
    done = brought(server, saved.again)
    assert (done.exit_code, done.output) == (0, f"kept before: {case}\n")


def test_page_says_what_to_do_with_the_file(saved: Saved) -> None:
    """Where it goes, who can read it, until when to keep it, and that nothing is added here."""
    for sentence in (
        "Your browser saves it as form-data.tar",
        "Give it to whoever gave you this form",
        "whoever carries it can read nothing of it",
        "Keep a copy, where nobody looks, until your words open it",
        "This page can add nothing more to it",
        "They open it once the file was taken in by the office's server.",
    ):
        assert sentence in saved.text


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda data: data[:-2000], "is cut off, ask for the whole file"),
        (lambda data: data + b"\n", "does not end as the form ends it"),
        (
            lambda data: data[:-3000] + bytes([data[-3000] ^ 1]) + data[-2999:],
            "a sealed file in it was altered on the way, ask for the file once more",
        ),
    ],
    ids=["cut", "longer", "altered"],
)
def test_file_that_was_spoiled_on_the_way_is_named(
    spoil: Any,  # noqa: ANN401 - a change of bytes
    sentence: str,
    server: DemoServer,
    saved: Saved,
    tmp_path: Path,
) -> None:
    """And what to do; no case more is there."""
    before = server.count_cases()
    (tmp_path / "brought.tar").write_bytes(spoil(saved.file.read_bytes()))
    done = brought(server, tmp_path / "brought.tar")
    assert done.exit_code == 1
    assert f"brought.tar: {sentence}" in done.stderr
    assert server.count_cases() == before


def test_words_are_asked_back_and_printed(page: Page, form: Path) -> None:
    """As on a server's page."""
    page.open(form).type("#account", "asked back").read_over()
    words = page.words
    page.save()
    assert page.words == words
    page.press("[data-receipt] > button:nth-of-type(2)").until("[data-receipt] label")
    labels = page.tell("look", selector="[data-receipt] label").seen["found"]
    for label in labels:
        number = int(label.rpartition(" ")[2])
        page.type(f"#asked-{number}", words[number - 1])
    page.press("[data-receipt] form button").until("[role=status]", "Good: you have your words.")


def test_voice_can_be_recorded_without_a_line(
    page: Page, form: Path, server: DemoServer, tmp_path: Path
) -> None:
    """Listened to, used, sealed, and heard by the office."""
    page.open(form).type("#place", "recorded on the spot")
    page.tell("say", text="Record your voice").until("[role=timer]", "0:01")
    page.tell("say", text="Stop").until("[role=status]", "Recorded.")
    page.tell("say", text="Use this recording").until(".files", "Sealed.")
    assert page.seen["noted"] == []
    assert brought(server, page.read_over().save()).exit_code == 0
    (entry,) = told(server, "investigators", "recorded on the spot", out=tmp_path)
    (file,) = entry["body"]["evidence"]
    assert file["name"] == "voice.webm"
    assert Path(entry["files"][file["id"]]).stat().st_size == file["length"] > 0


def test_form_without_a_way_back_shows_no_words(page: Page, form: Path, server: DemoServer) -> None:
    """And what it saves is taken in."""
    page.open(form).type("#account", "no way back").read_over()
    file = page.press("[name=back]").save()
    assert "There are no words and there is no way back" in page.text
    assert page.words == []
    assert "until your words open it" not in page.text
    assert brought(server, file).exit_code == 0
    (entry,) = told(server, "investigators", "no way back")
    assert (entry["body"]["reply_to"], len(entry["body"]["message_key"])) == ("", 64)


def test_what_is_wrong_is_said_before_anything_is_saved(page: Page, form: Path) -> None:
    """In the form's own words."""
    page.open(form).press(NEXT).until("[role=alert]", "Nothing was saved yet.")
    page.type("#account", "typed then").read_over()
    page.press("[name=office][value=investigators]").press(SAVE)
    page.until("p[role=alert]", "Please choose at least one office.")


def test_form_that_has_ended_says_so_before_anything_is_typed(
    page: Page, server: DemoServer, folder: Path
) -> None:
    """With the date and what to do; there is nothing to type into, and no button that seals."""
    yesterday = datetime.now(UTC).date() - timedelta(days=2)
    path = other(server, folder / "ended.html", yesterday)
    page.tell("open", url=path.as_uri()).until("[data-when=ended]", "This form ended on")
    assert "Ask whoever gave it to you for a new one." in page.text
    assert "If the date of this device is wrong, correct it" in page.text
    visible = "[...document.querySelectorAll('textarea, button')].some((one) => one.offsetHeight)"
    assert page.tell("run", text=visible).seen["found"] is False


@pytest.mark.parametrize("is_read_over", [False, True])
def test_form_that_ends_while_it_is_filled_in_seals_nothing_and_keeps_what_was_typed(
    is_read_over: bool,  # noqa: FBT001 - on which page
    page: Page,
    form: Path,
) -> None:
    """On both pages the button says so."""
    page.open(form).type("#account", "typed late")
    if is_read_over:
        page.read_over()
    before = len(list(page.downloads.iterdir()))
    page.tell("run", text=OVER).press(SAVE if is_read_over else NEXT)
    page.until("p[role=alert]", "Nothing was sealed, and what you wrote is still here")
    if is_read_over:
        page.press("[data-do=change]").until("#account")
    assert page.tell("run", text="document.querySelector('#account').value").seen["found"] == (
        "typed late"
    )
    assert len(list(page.downloads.iterdir())) == before


CANNOT = "This form can seal nothing in this browser"


@pytest.mark.parametrize(
    "how",
    [
        {"script": False},
        {"before": "delete Crypto.prototype.subtle"},
        {"before": "Worker = undefined"},
        {"before": "Worker = class { constructor() { setTimeout(() => this.onerror({}), 10) } }"},
    ],
    ids=["no script", "no ciphers", "no Workers", "Workers that break"],
)
def test_browser_that_cannot_seal_is_told_so_and_what_to_do(
    how: dict[str, object], page: Page, form: Path
) -> None:
    """What is typed stays, and no button pretends."""
    page.tell("open", url=form.as_uri(), **how).until(".warning", CANNOT)
    page.type("#account", "typed all the same")
    page.tell("keys", keys=["Tab", "Enter"])
    assert "Open this file in a newer Firefox or Chrome with JavaScript on." in page.text
    values = "[account.value, document.querySelector('form > button').disabled]"
    assert page.tell("run", text=values).seen["found"] == ["typed all the same", True]


@pytest.mark.parametrize("before", ["", "delete Crypto.prototype.subtle"], ids=["", "unsealed"])
@pytest.mark.parametrize("way", ["button", "keys"])
def test_leaving_blanks_the_page_and_its_place_in_the_history(
    way: str, before: str, page: Page, form: Path
) -> None:
    """Also where there is no network, or nothing can be sealed; nothing asks whether to leave."""
    page.tell("open", url=form.as_uri(), before=before)
    page.until("#account", gone=False).type("#account", "seen by nobody")
    if way == "button":
        page.press("a.leave").tell("keys", keys=[])
    else:
        page.tell("keys", keys=["Shift", "Shift", "Shift"])
    assert (page.seen["url"], page.seen["text"], page.seen["title"]) == ("about:blank", "", "")
    assert [one for one in page.seen["asked"] if one.startswith("http")] == []


def test_file_that_the_server_would_not_take_is_refused_at_once(
    page: Page, server: DemoServer, folder: Path
) -> None:
    """Not after it was carried there."""
    later = datetime.now(UTC).date() + timedelta(days=9)
    path = other(server, folder / "small.html", later, file_bytes=4000)
    page.open(path).type("#account", "with a voice")
    page.tell("give", selector="#voice [name=new]", files=[str(folder / VOICE)])
    page.until(".files", "The file is larger than the office's server takes.")
    page.press(NEXT).until(".words li").press(SAVE)
    page.until("p[role=alert]", "A file is not there any more.")


def test_browser_keeps_nothing_that_was_typed(base: Path, form: Path) -> None:
    """Neither the text nor her words, in no file of its profile, once it is closed."""
    with browsing("chromium", base / "forgotten") as one:
        one.open(form).type("#account", ACCOUNT)
        one.tell("answer", name="child", value="yes").read_over()
        words = one.words
        one.press("[name=office][value=children]").type("#contact-children", CONTACT).save()
        one.tell("keys", keys=["Tab"])
    hidden = [ACCOUNT, CONTACT, *(" ".join(pair) for pair in pairwise(words))]
    shapes = [text.encode(coding) for text in hidden for coding in ("utf-8", "utf-16-le")]
    files = [path for path in (base / "forgotten").rglob("*") if path.is_file()]
    assert any(path.name == "History" for path in files)
    found = [
        path for path in files for data in [path.read_bytes()] if any(one in data for one in shapes)
    ]
    assert found == []


FITS = "document.documentElement.scrollWidth <= innerWidth"


@pytest.mark.parametrize("width", [320, 1280])
def test_every_page_fits_and_is_accessible(width: int, page: Page, form: Path) -> None:
    """Nothing is cut off, nothing too small to press, and axe finds nothing."""

    def looked_at() -> list[str]:
        assert page.tell("run", text=FITS).seen["found"] is True
        found: list[str] = page.tell("check").seen["found"]
        return found

    page.open(form, width=width)
    assert looked_at() == []
    page.type("#account", "on a phone").read_over()
    assert looked_at() == []
    page.save()
    assert looked_at() == []


def test_form_that_has_ended_is_accessible(page: Page, server: DemoServer, folder: Path) -> None:
    """Its one sentence as well."""
    before = datetime.now(UTC).date() - timedelta(days=2)
    page.tell("open", url=other(server, folder / "over.html", before).as_uri(), width=320)
    assert page.until("[data-when=ended]").tell("check").seen["found"] == []
