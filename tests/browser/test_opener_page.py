"""The opener's page in a real browser: it lives, forgets, leaves nothing, and fits."""

import base64
import io
import json
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from intake.core.entry import ReportBody
from intake.crypto import age
from intake.crypto.age import ScryptRecipient
from tests.browser.opening import (
    ACCOUNT,
    ANSWERS,
    NOTES,
    PAPER,
    PICTURE,
    STATUS,
    WRONG,
    Given,
    Office,
    Opener,
    conversation,
    given,
    opening,
    report,
    whole,
)
from tests.core.samples import CANARY
from tests.media.pictures import telling_jpeg
from tests.support.keys import PASSPHRASE

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_what_was_not_chosen_is_asked_for(opener: Opener, office: Office) -> None:
    """First the identity, then files."""
    page = opener.begin()
    page.press("#open > button").until(WRONG, "Choose your identity file first.")
    page.tell("give", selector="#identity", files=[str(office.plain)])
    page.press("#open > button").until(WRONG, "Choose the sealed files first.")


def test_page_lives_while_the_usual_work_is_done(opener: Opener, office: Office) -> None:
    """As much as `age -p` asks for: it says how far it is, and draws itself meanwhile."""
    out = io.BytesIO()
    plain = io.BytesIO(f"{office.key.secret_text()}\n".encode())
    age.encrypt(plain, out, [ScryptRecipient(PASSPHRASE)])
    opener.begin()
    page = opener.page
    page.tell(
        "run",
        text="""(() => {
            let last = performance.now();
            globalThis.longest = 0;
            const press = document.querySelector("#open > button");
            press.addEventListener("click", () => (globalThis.begun = performance.now()));
            const frame = () => {
                const now = performance.now();
                globalThis.longest = Math.max(globalThis.longest, now - last);
                last = now;
                requestAnimationFrame(frame);
            };
            frame();
            globalThis.told = new Set();
            const status = document.querySelector("#open [role=status]");
            new MutationObserver(() => globalThis.told.add(status.textContent)).observe(
                status, { childList: true });
            return 0;
        })()""",
    )
    opener.choose(
        office.write("usual.age", out.getvalue()), [office.filed(report(ANSWERS))], PASSPHRASE
    )
    page.until(STATUS, "Opened: 1.", seconds=60)
    times = "[globalThis.longest, performance.now() - globalThis.begun, globalThis.told.size]"
    longest, taken, told = page.tell("run", text=times).seen["found"]
    # A page that stood still would have one gap, of all the time.
    assert longest < taken / 2
    assert told > 10


def test_browser_that_lacks_a_cipher_opens_by_the_library(opener: Opener, office: Office) -> None:
    """The same report and file, without the browser's own ML-KEM."""
    opener.begin(before="delete SubtleCrypto.prototype.decapsulateBits")
    page = opener.choose(
        office.locked,
        [office.filed(report(ANSWERS, PAPER)), PAPER.at(office.folder)],
        PASSPHRASE,
    )
    page.until(STATUS, "Opened: 1. Set aside: 0.")
    whole(opener, 1)
    assert page.seen["noted"] == []


def test_page_without_any_cipher_says_so(opener: Opener) -> None:
    """It asks for no key that it could not use."""
    broken = "SubtleCrypto.prototype.digest = () => Promise.reject(new Error())"
    opener.page.tell("open", url=opener.file.as_uri(), before=broken)
    time.sleep(1)
    opener.page.until("[data-when=blind]", "This page can open nothing in this browser")
    assert "Your identity file" not in opener.page.text


def test_dropped_files_are_told_apart(opener: Opener, office: Office) -> None:
    """An identity and a report, anywhere on the page."""
    files = {
        "identity.age": base64.b64encode(office.locked.read_bytes()).decode(),
        "report.age": base64.b64encode(office.filed(report(ANSWERS)).read_bytes()).decode(),
    }
    page = opener.begin()
    page.tell(
        "run",
        text=f"""(() => {{
            const given = new DataTransfer();
            for (const [name, data] of Object.entries({json.dumps(files)})) {{
                const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
                given.items.add(new File([bytes], name));
            }}
            const how = {{ dataTransfer: given, bubbles: true, cancelable: true }};
            document.body.dispatchEvent(new DragEvent("drop", how));
        }})()""",
    )
    page.until("[data-passphrase]").type("#passphrase", PASSPHRASE)
    page.until("[data-sealed]", "report.age").press("#open > button")
    page.until(STATUS, "Opened: 1. Set aside: 0.")


def test_nothing_is_left_after_forgetting(opener: Opener, office: Office) -> None:
    """Not even in a page that is gone back to."""
    page = opener.open(office.locked, office.filed(report(ANSWERS)), passphrase=PASSPHRASE)
    page.press("[data-do=forget]").until("#opened", gone=True).until("#open")
    assert ACCOUNT not in page.text
    page.press("#open > button").until(WRONG, "Choose your identity file first.")


def test_page_without_script_says_so(opener: Opener) -> None:
    """And asks for nothing."""
    opener.page.tell("open", url=opener.file.as_uri(), script=False)
    opener.page.until("[data-when=blind]", "This page can open nothing in this browser")
    assert "Your identity file" not in opener.page.text


def test_browser_keeps_nothing_of_what_was_opened(
    base: Path, opener_file: Path, office: Office
) -> None:
    """In no file of its profile, once it is closed: no word, passphrase, key or picture's text."""
    picture = given(telling_jpeg() + b"tail" * 100_000, "canary.jpg", "image/jpeg")
    notes = given(f"{CANARY} in a file".encode(), "canary.txt", "text/plain")
    entry = report({"account": f"{ACCOUNT} {CANARY}"}, picture, notes)
    with opening("chromium", base / "opener-forgotten", opener_file) as one:
        page = one.open(
            office.locked,
            office.filed(entry),
            picture.at(office.folder),
            notes.at(office.folder),
            passphrase=PASSPHRASE,
        )
        whole(one, 1)
        whole(one, 2)
        page.tell("say", text="Show the picture").until("canvas")
        page.tell("say", text="Show the text").until(".files pre")
        time.sleep(2)
    hidden = [ACCOUNT, CANARY, PASSPHRASE, office.key.secret_text(), "tailtailtailtail"]
    shapes = [text.encode(coding) for text in hidden for coding in ("utf-8", "utf-16-le")]
    files = [path for path in (base / "opener-forgotten").rglob("*") if path.is_file()]
    assert any(path.name == "History" for path in files)
    found = [
        path for path in files for data in [path.read_bytes()] if any(one in data for one in shapes)
    ]
    assert found == []


def opened_all(opener: Opener, office: Office, **how: object) -> None:
    """Open one of everything, on a page of a size and colours."""
    files: Sequence[Given] = [PICTURE, NOTES, PAPER]
    first, others = conversation()
    body = first.body
    assert isinstance(body, ReportBody)
    told = tuple(one.told for one in files)
    first = msgspec.structs.replace(first, body=msgspec.structs.replace(body, evidence=told))
    paths = [office.filed(one) for one in (first, *others)]
    paths += [files[0].at(office.folder), files[1].at(office.folder)]
    paths.append(office.write("nonsense.age", b"x"))
    page = opener.begin(**how)
    opener.choose(office.locked, paths, PASSPHRASE)
    page.until(STATUS, "Opened: 4. Set aside: 1.")
    page.until(".files li:nth-child(3)", "The sealed file is not here")
    page.tell("say", text="Show the picture").until("canvas")
    page.tell("say", text="Show the text").until(".files pre")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_page_fits_and_is_accessible(
    width: int, opener: Opener, office: Office, *, dark: bool
) -> None:
    """Nothing is cut off, nothing too small to press, and axe finds nothing."""
    page = opener.begin(width=width, dark=dark)
    fits = "document.documentElement.scrollWidth <= innerWidth"
    assert page.tell("check").seen["found"] == []
    page.press("#open > button").until(WRONG)
    assert page.tell("check").seen["found"] == []
    opened_all(opener, office, width=width, dark=dark)
    assert page.tell("run", text=fits).seen["found"] is True
    assert page.tell("check").seen["found"] == []
