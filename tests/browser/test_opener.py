"""The opener in a real browser, from disk with the network off: what opens and what not."""

import hmac
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pyrage
import pytest

from intake.core import canonical, ustar
from intake.core.entry import MessageBody, ReportBody
from intake.core.work import WorkBody
from intake.crypto.derive import derive
from intake.crypto.unseal import (
    HybridIdentity,
    generate_hybrid,
    generate_x25519,
    parse_identity,
)
from tests.browser.opening import (
    ACCOUNT,
    ANSWERS,
    NOTES,
    PAPER,
    PICTURE,
    STATUS,
    TEXT,
    WRONG,
    Office,
    Opener,
    conversation,
    filed,
    following,
    opening,
    padded,
    report,
    sealed,
    whole,
)
from tests.core.samples import CANARY
from tests.crypto import node
from tests.media import samples
from tests.support.keys import PASSPHRASE

pytestmark = [pytest.mark.browser, pytest.mark.slow]


FIREFOX = pytest.mark.skipif(not shutil.which("firefox-esr"), reason="no Firefox here")


@pytest.fixture(scope="module", params=["chromium", pytest.param("firefox", marks=FIREFOX)])
def any_opener(request: pytest.FixtureRequest, base: Path, opener_file: Path) -> Iterator[Opener]:
    """Run each browser without a network."""
    with opening(request.param, base / f"any-{request.param}", opener_file) as one:
        yield one


def saved(opener: Opener, name: str) -> bytes:
    """Return a file that was saved, once it is whole."""
    path = opener.page.downloads / name
    for _ in range(100):
        if path.exists() and not list(opener.page.downloads.glob("*.crdownload")):
            return path.read_bytes()
        time.sleep(0.1)
    raise AssertionError(sorted(one.name for one in opener.page.downloads.iterdir()))


def test_report_is_opened_with_its_evidence(any_opener: Opener, office: Office) -> None:
    """Laid out with the labels of the questions; each file whole, shown or saved byte for byte."""
    files = [PICTURE, NOTES, PAPER]
    sealed_files = [one.at(office.folder) for one in files]
    page = any_opener.open(
        office.locked,
        office.filed(report(ANSWERS, *files)),
        *sealed_files,
        passphrase=PASSPHRASE,
    )
    assert "Opened: 1. Set aside: 0." in page.text
    for said in (
        "What happened?",
        ACCOUNT,
        "US border officers (CBP, Border Patrol)\nI don't know",
        "Was a child harmed or in danger?\nYes",
        "strange\nx",
        "Not asked: Where was it?;",
        "How this office alone may reach the person\nask at the bakery",
        "for: Our investigation team",
        "image/jpeg, 2 kB, as it was made",
    ):
        assert said in page.text, said
    for number in (1, 2, 3):
        whole(any_opener, number)
    page.tell("say", text="Show the picture").until("canvas")
    size = "[document.querySelector('canvas').width, document.querySelector('canvas').height]"
    # 16 by 8, and turned as it says of itself.
    assert page.tell("run", text=size).seen["found"] == [8, 16]
    page.tell("say", text="Show the text").until(".files pre", "<b>no markup</b>")
    assert "second \ufffdline" in page.text
    page.press(".files li:nth-child(3) button").until(".files li:nth-child(3)", "Given to")
    assert saved(any_opener, "paper.pdf") == samples.pdf() + bytes(3_000_000)
    page.press(".files li:nth-child(2) button:last-child")
    assert saved(any_opener, "notas ñ.txt") == TEXT
    assert {one.partition(":")[0] for one in page.seen["asked"]} <= {"file", "blob", "data"}
    assert page.seen["noted"] == []


def test_parcel_and_renamed_evidence_are_opened(opener: Opener, office: Office) -> None:
    """The tar of the form as it was saved; a sealed file under whatever name it came."""
    entry = report(ANSWERS, PICTURE, NOTES)
    letter = office.filed(entry)
    other = filed(report(ANSWERS), generate_hybrid(), office.folder, "another's.age")
    members = [
        ("filing.json", b"{}"),
        (letter.name, letter.read_bytes()),
        (f"{PICTURE.told.id}.age", PICTURE.data),
        ("another.age", other.read_bytes()),
    ]
    tar = b"".join(
        ustar.header(name, len(data)) + data + bytes(ustar.padding(len(data)))
        for name, data in members
    )
    path = office.write("form-data.tar", tar + ustar.END)
    page = opener.open(office.plain, path, NOTES.at(office.folder, "download (1).age"))
    assert "Opened: 1. Set aside: 1." in page.text
    assert opener.aside[0].startswith("another.age It was sealed to another key")
    whole(opener, 1)
    whole(opener, 2)


def test_conversation_is_in_order_and_what_lacks_is_said(opener: Opener, office: Office) -> None:
    """Additions, answers and notes, each after what its writer had seen."""
    first, others = conversation()
    page = opener.open(office.plain, *[office.filed(one) for one in (*others, first)])
    kinds = opener.looked_at("article h4")
    assert kinds == [
        "Report",
        "From the person",
        "Answer of the office",
        "Note of the office to itself",
    ]
    for said in (
        "My date changed",
        "! What is the new date?\nMarch 3",
        "Sealed by the server, in memory",
        "Asks for: How to reach you safely",
        "Entries before this one that did not come: 1.",
    ):
        assert said in page.text, said
    page = opener.open(office.plain, *[office.filed(one) for one in others])
    assert len(opener.looked_at("article .warning")) == 3
    assert "Its author could not be checked" in page.text


def test_second_report_of_a_case_leaves_no_author_checked(opener: Opener, office: Office) -> None:
    """Anybody can seal one that claims the case: both are shown, and the message says so."""
    first, others = conversation()
    second = report({"account": "another"})
    body = second.body
    assert isinstance(body, ReportBody)
    second = msgspec.structs.replace(
        second, body=msgspec.structs.replace(body, message_key="ab" * 32)
    )
    opener.open(office.plain, *[office.filed(one) for one in (second, first, others[-1])])
    assert opener.aside == []
    assert opener.looked_at("article h4") == ["Report", "Report", "From the person"]
    (said,) = opener.looked_at("article .warning")
    assert "open it together with the one report of this case" in said


def test_entry_that_came_twice_is_shown_once(opener: Opener, office: Office) -> None:
    """Under two names."""
    entry = report(ANSWERS)
    page = opener.open(office.plain, office.filed(entry), office.filed(entry, "copy.age"))
    assert "Opened: 1. Set aside: 1." in page.text
    assert opener.aside == ["copy.age It came more than once and is shown once."]


def test_message_to_a_report_without_a_key_is_nobody_s(opener: Opener, office: Office) -> None:
    """Where no way back was wanted, nobody can have written one."""
    first = report(ANSWERS)
    body = first.body
    assert isinstance(body, ReportBody)
    silent = msgspec.structs.replace(body, message_key="", reply_to=b"")
    reports = msgspec.structs.replace(first, body=silent)
    message = following(first, MessageBody((), "x"), "message")
    page = opener.open(office.plain, office.filed(reports), office.filed(message, "m.age"))
    assert "There is no way back to this person" in page.text
    assert opener.aside[0].startswith("m.age The report of its case has no key")


def test_note_of_the_office_is_laid_out(opener: Opener, office: Office) -> None:
    """Who wrote it, what it sets, and its words."""
    first = report(ANSWERS)
    sets = {"status": "waiting", "assigned": "Ana <b>"}
    body = WorkBody(1, sets, {"urgent": True, "old": False}, "called\nher lawyer", "Luz")
    page = opener.open(
        office.plain, office.filed(first), office.filed(following(first, body, "note"))
    )
    for said in (
        "By Luz",
        "Status\nWaiting for somebody",
        "Assigned to\nAna <b>",
        "Tag added\nurgent",
        "Tag taken away\nold",
        "called\nher lawyer",
    ):
        assert said in page.text, said
    assert opener.looked_at("article .warning") == []


def test_body_of_a_newer_program_is_said(opener: Opener, office: Office) -> None:
    """With who wrote it, and when; the others are shown."""
    first = report(ANSWERS)
    note = following(first, MessageBody((), "x"), "note")
    plain = msgspec.json.decode(canonical.encode(note))
    body = {"type": "task", "status": "open", "text": CANARY}
    written = {**plain, "body": body, "mac": ""}
    written["mac"] = mac(canonical.encode(written))
    made = sealed(padded(canonical.encode(written)), office.key)
    forged = sealed(padded(canonical.encode({**written, "mac": "00" * 32})), office.key)
    page = opener.open(
        office.plain,
        office.filed(first),
        office.write("newer.age", made),
        office.write("forged.age", forged),
    )
    assert "Made by a newer program: this page cannot show it." in page.text
    assert CANARY not in page.text
    assert opener.aside == ["forged.age It was not written by who it says. Set it aside."]


def mac(covered: bytes) -> str:
    """Return the MAC of a note, computed apart."""
    return hmac.digest(derive(bytes(range(32)), "mac/own"), covered, "sha256").hex()


def scrypt_file(work: str) -> bytes:
    """Return an identity file that asks for so much work."""
    return (
        f"age-encryption.org/v1\n-> scrypt {'A' * 22} {work}\n{'A' * 43}\n--- {'A' * 43}\n"
    ).encode() + bytes(40)


IDENTITIES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "There is no identity in this file"),
    "letter": (b"Dear colleague\n", "This is no file of identities"),
    "cut": (b"AGE-SECRET-KEY-PQ-1QQQ\n", "Line 1 of the identity file has a typing error"),
    "classic": (
        generate_x25519().secret_text().encode(),
        "holds only a key of the older, classic kind",
    ),
    "work": (scrypt_file("21"), "more memory than any usual identity file"),
    "damaged": (scrypt_file("2")[:90], "was altered or cut off on its way"),
    "sealed to a key": (
        sealed(b"x", generate_hybrid()),
        "sealed to a key, not with a passphrase",
    ),
    "too large": (b"#" * (1 << 21), "too large for an identity file"),
}


@pytest.mark.parametrize("why", IDENTITIES)
def test_identity_that_is_none_is_said_plainly(why: str, opener: Opener, office: Office) -> None:
    """Each by its own sentence, and the page goes on: the right one opens the files."""
    data, sentence = IDENTITIES[why]
    opener.begin()
    is_sealed = data.startswith(b"age-")
    page = opener.choose(
        office.write("chosen", data),
        [office.filed(report(ANSWERS))],
        PASSPHRASE if is_sealed else "",
    )
    page.until(WRONG, sentence)
    opener.choose(office.plain, [])
    page.until(STATUS, "Opened: 1. Set aside: 0.").until(WRONG, gone=True)


def test_wrong_passphrase_is_said_and_the_right_one_opens(opener: Opener, office: Office) -> None:
    """Without choosing anything anew."""
    opener.begin()
    page = opener.choose(office.locked, [office.filed(report(ANSWERS))], f"{PASSPHRASE}.")
    page.until(WRONG, "This is not its passphrase. Type it again")
    field = "document.querySelector('#passphrase')"
    page.tell("run", text=f"{field}.value = ''")
    page.tell("say", text="Open them").until(WRONG, "Type its passphrase.")
    page.type("#passphrase", PASSPHRASE).tell("keys", keys=["Enter"])
    page.until(STATUS, "Opened: 1.")
    assert page.tell("run", text=f"{field}.value").seen["found"] == ""


def armored_by_npm(text: str) -> bytes:
    """Return an identity as npm's `age-encryption` seals it with the passphrase, as text."""
    script = """
        import * as age from "age-encryption";
        import { readFileSync } from "node:fs";
        const { text, passphrase } = JSON.parse(readFileSync(0, "utf8"));
        const encrypter = new age.Encrypter();
        encrypter.setPassphrase(passphrase);
        encrypter.setScryptWorkFactor(12);
        process.stdout.write(age.armor.encode(await encrypter.encrypt(text)));
    """
    return node.run(script, data=json.dumps({"text": text, "passphrase": PASSPHRASE}).encode())


def made_by_npm() -> str:
    """Return a post-quantum identity that npm's `age-encryption` made."""
    script = """
        import * as age from "age-encryption";
        console.log(await age.generateHybridIdentity());
    """
    return node.run(script).decode().strip()


def test_identity_that_other_programs_made_and_sealed_opens(opener: Opener, office: Office) -> None:
    """By npm's age-encryption as text, by pyrage (the Rust age) at its usual work."""
    text = made_by_npm()
    other = Office(office.folder, _parsed(text))
    first = other.filed(report(ANSWERS))
    armored = office.write("npm.txt", armored_by_npm(f"# made elsewhere\n{text}\n"))
    page = opener.open(armored, first, passphrase=PASSPHRASE)
    assert ACCOUNT in page.text
    rust = office.write("rust.age", pyrage.passphrase.encrypt(text.encode(), PASSPHRASE))
    opener.begin()
    opener.choose(rust, [first], PASSPHRASE)
    page.until(STATUS, "Opened: 1.", seconds=60)


def _parsed(text: str) -> HybridIdentity:
    found = parse_identity(text)
    assert isinstance(found, HybridIdentity)
    return found
