"""First start by buttons: identity and vault or nothing; what was compared is what stays."""

import io
import os
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from intake.core import limits
from intake.crypto.age import X25519Recipient
from intake.crypto.keyfile import KeyFile
from intake.crypto.keyring import OfficeKey
from intake.crypto.unseal import (
    HybridIdentity,
    generate_hybrid,
    generate_x25519,
    open_identities_file,
)
from intake.desk import app
from intake.desk.app import make_app
from intake.desk.sheet import SECONDS, Sheets, typed_key
from intake.errors import KeyTextError, VaultError, VaultKeyError
from intake.vault import backup as backups
from intake.vault import beginning
from intake.vault import key as vault_keys
from intake.vault.vault import Vault
from tests.support.desk import Clock, Shelf, refused
from tests.support.keys import PASSPHRASE, cheap
from tests.support.programmes import SMALL
from tests.support.webdesk import NOW, WebDesk, words

SITE = "https://site.test"
DAY = NOW.date()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let passphrases cost little."""
    monkeypatch.setattr("intake.crypto.unseal.ScryptRecipient", cheap)


@pytest.fixture
def new(tmp_path: Path) -> WebDesk:
    """Return a desk that was never begun."""
    return WebDesk.make(tmp_path / "home", is_new=True)


def form(desk: WebDesk, way: str = "new", **changes: str) -> dict[str, str]:
    """Return the second form of a way, filled."""
    first = {"address": SITE, "keys": changes.pop("keys", "")}
    looked = desk.post(f"/start/{way}", look="1", **first)
    assert looked.status_code == 200, words(looked.text)
    found = re.search(r'name="digest" value="(\w+)"', looked.text)
    assert found
    filled = {**first, "digest": found[1], "office": "inv", "who": "Ana", "make": "1"}
    return {**filled, "passphrase": PASSPHRASE, "again": PASSPHRASE, **changes}


def begin(desk: WebDesk) -> HybridIdentity:
    """Begin as a new office; return the secret key on the sheet."""
    assert desk.post("/start/new", **form(desk)).headers["Location"] == "/recovery"
    page = desk.get("/recovery").text
    found = re.search(r'id="secret">(.*?)</p>', page, re.DOTALL)
    assert found
    return typed_key(words(found[1]))


def identity(desk: WebDesk) -> HybridIdentity:
    """Return the identity in the file, as any age program opens it."""
    (key,) = open_identities_file(desk.services.home.identity.read_bytes(), lambda: PASSPHRASE)
    assert isinstance(key, HybridIdentity)
    return key


def team(*keys: HybridIdentity) -> str:
    """Return an office's file of a recovery key and these working keys."""
    file = KeyFile("inv.txt", "")
    for number, key in enumerate(keys):
        role = "working" if number else "recovery"
        file = file.added(OfficeKey(key.recipient(), role, DAY), DAY)
    return file.text


def left(desk: WebDesk) -> list[str]:
    """Name everything that lies in the desk's folder."""
    return sorted(str(path.relative_to(desk.folder)) for path in desk.folder.rglob("*"))


@pytest.mark.parametrize(
    "address", [one for one in app.ADDRESSES if not one.is_start], ids=lambda one: one.endpoint
)
def test_every_address_leads_to_the_first_start(new: WebDesk, address: app.Address) -> None:
    """Where nothing is there yet; the script is told so by its status."""
    path = address.rule.replace("<case>", "ab" * 16)
    answer = new.get(path) if address.method == "GET" else new.post(path)
    if path.endswith(".json"):
        assert answer.status_code == 401
    else:
        assert (answer.status_code, answer.headers["Location"]) == (303, "/start")
    assert not new.folder.exists()


@pytest.mark.parametrize("path", ["/start", "/start/new", "/start/join", "/start/back"])
def test_first_start_is_behind_whoever_began(desk: WebDesk, path: str) -> None:
    """Neither shown nor done again."""
    before = desk.services.home.identity.read_bytes()
    assert desk.get(path).headers["Location"] == "/"
    assert desk.post(path, make="1", passphrase=PASSPHRASE).headers["Location"] == "/"
    assert desk.services.home.identity.read_bytes() == before


def test_no_other_way_begins(new: WebDesk) -> None:
    """Three are named on the page."""
    for title in ("A new office", "Join colleagues", "Bring a vault back"):
        assert title in new.text("/start")
    assert new.get("/start/other").status_code == 404
    assert new.post("/start/other").status_code == 404


def test_new_office_gets_an_identity_a_vault_and_its_file_of_keys(new: WebDesk) -> None:
    """One button; the vault opens with the identity and with the key on paper, and nothing else."""
    spare = begin(new)
    key, home = identity(new), new.services.home
    assert home.identity.read_bytes().startswith(b"-----BEGIN AGE ENCRYPTED FILE-----")
    if os.name == "posix":
        assert home.identity.stat().st_mode & 0o777 == 0o600
    with new.services.vault.use() as opened:
        settings = dict(opened.settings)
    assert (settings["server"], settings["office"], settings["who"]) == (SITE, "inv", "Ana")
    assert settings["programme"] == SMALL
    keys = KeyFile("inv.txt", settings["keys"]).keys
    assert [(one.recipient, one.role) for one in keys] == [
        (key.recipient(), "working"),
        (spare.recipient(), "recovery"),
    ]
    assert {(one.since, (one.until or DAY) - DAY) for one in keys} == {
        (DAY, (keys[0].until or DAY) - DAY)
    }
    assert ((keys[0].until or DAY) - DAY).days == limits.KEY_DAYS
    for own in (key, spare):
        assert vault_keys.read(home.vault, [own]).value
    refused(lambda: vault_keys.read(home.vault, [generate_hybrid()]), VaultKeyError)
    new.close()
    assert new.post("/unlock", passphrase=PASSPHRASE).headers["Location"] == "/"


def test_recovery_key_never_reaches_the_disk(new: WebDesk) -> None:
    """Neither as text nor as the bytes behind it, in any file."""
    spare = begin(new)
    new.post("/recovery")
    new.close()
    text = spare.secret_text().encode()
    for path in new.folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert spare.seed not in data
            assert text not in data.upper()
            assert spare.seed.hex().encode() not in data


def test_sheet_is_shown_until_it_was_printed(new: WebDesk) -> None:
    """With office, day, fingerprint and groups of four; then it is gone."""
    begin(new)
    answer = new.get("/recovery")
    assert answer.headers["Cache-Control"] == "no-store"
    shown = words(answer.text)
    for part in ("Office inv", str(DAY), "AGE-SECRET-KEY-PQ-1", "What it opens", "Where to keep"):
        assert part in shown
    assert all(len(group) <= 4 for group in re.findall(r"<span>([A-Z0-9]+)</span>", answer.text))
    assert "waits to be printed" in new.text("/office")
    assert new.post("/recovery").headers["Location"] == "/office"
    assert new.get("/recovery").headers["Location"] == "/office"
    assert "recovery sheet was printed" not in new.text("/office")


def test_sheet_that_nobody_printed_is_gone_and_missed(tmp_path: Path) -> None:
    """After ten minutes, and after a lock: the page says that a new one is needed."""
    new, clock = WebDesk.make(tmp_path / "home", is_new=True), Clock()
    services = replace(new.services, sheets=Sheets(clock))
    new = WebDesk(new.folder, new.shelf, new.key, make_app(services), services, new.seen)
    new.get(services.door.address().removeprefix(services.door.origin))
    begin(new)
    clock.at = SECONDS - 1
    assert new.get("/recovery").status_code == 200
    clock.at = SECONDS
    assert new.get("/recovery").headers["Location"] == "/office"
    assert "Nobody said that the recovery sheet was printed" in new.text("/office")


def test_lock_lets_the_sheet_go(new: WebDesk) -> None:
    """Whoever unlocks it later finds no secret key."""
    begin(new)
    new.post("/lock")
    new.post("/unlock", passphrase=PASSPHRASE)
    assert new.get("/recovery").headers["Location"] == "/office"
    assert "Nobody said that the recovery sheet was printed" in new.text("/office")


def test_joining_takes_the_file_of_a_colleague(new: WebDesk) -> None:
    """The vault opens for herself and the recovery key, for no colleague; hers is to be added."""
    spare, colleague = generate_hybrid(), generate_hybrid()
    filled = form(new, "join", keys=team(spare, colleague), compared="1")
    assert new.post("/start/join", **filled).headers["Location"] == "/office"
    for own in (identity(new), spare):
        assert vault_keys.read(new.services.home.vault, [own]).value
    refused(lambda: vault_keys.read(new.services.home.vault, [colleague]), VaultKeyError)
    assert "not among your office" in new.text("/office")
    assert new.get("/office/keys").text == team(spare, colleague)
    assert new.get("/recovery").headers["Location"] == "/office"


def test_joining_takes_an_uploaded_file_too(new: WebDesk) -> None:
    """As it was saved, with another system's line ends."""
    text = team(generate_hybrid(), generate_hybrid())
    file = io.BytesIO(text.replace("\n", "\r\n").encode())
    answer = new.post("/start/join", address=SITE, look="1", **{"keys-file": (file, "inv.txt")})
    assert answer.status_code == 200
    assert text.splitlines()[1] in answer.text


def test_keys_that_nobody_compared_are_not_joined(new: WebDesk) -> None:
    """Their words are shown, and nothing is made without a yes."""
    filled = form(new, "join", keys=team(generate_hybrid(), generate_hybrid()))
    answer = new.post("/start/join", **filled)
    assert (answer.status_code, "compare the words" in answer.text.lower()) == (400, True)
    assert not new.folder.exists()


def test_vault_comes_back_with_the_sheet_and_a_backup(new: WebDesk, tmp_path: Path) -> None:
    """Under a new key, on a machine that has nothing; the old passphrase is not asked."""
    spare, old = begin(new), identity(new)
    copy = tmp_path / "copy.age"
    backups.backup(new.services.vault, [old.recipient(), spare.recipient()], copy)
    new.close()
    other = WebDesk.make(tmp_path / "other", is_new=True)
    groups = " ".join(re.findall(".{1,4}", spare.secret_text().removeprefix("AGE-SECRET-KEY-PQ-1")))
    typed = {"secret": groups.lower(), "backup": str(copy), "passphrase": PASSPHRASE}
    answer = other.post("/start/back", again=PASSPHRASE, **typed)
    assert answer.headers["Location"] == "/office", words(answer.text)
    made = identity(other)
    assert made.recipient() != old.recipient()
    for own in (made, spare):
        assert vault_keys.read(other.services.home.vault, [own]).value
    refused(lambda: vault_keys.read(other.services.home.vault, [old]), VaultKeyError)
    shown = other.text("/office")
    assert "You are Ana" in shown
    assert "add it yourself" in shown


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"backup": ""}, "whole path"),
        ({"backup": "copy.age"}, "whole path"),
        ({"backup": "/nowhere/copy.age"}, "no such file"),
        ({"backup": "/dev/null\x00"}, "whole path"),
        ({"backup": "/"}, "no such file"),
        ({"backup": "~nobody-here/copy.age"}, "whole path"),
        ({"secret": ""}, "type the secret key"),
        ({"secret": "oooo oooo oooo"}, "no key has"),
        ({"secret": "9" * 300}, "longer than a secret key"),
        ({"secret": generate_hybrid().secret_text()}, "does not open"),
        ({"secret": generate_x25519().secret_text()}, "older kind"),
        ({"again": "another passphrase"}, "differ"),
        ({"passphrase": "short", "again": "short"}, "fewer than 12"),
    ],
)
def test_bringing_back_refuses_by_name_and_keeps_what_was_typed(
    tmp_path: Path, change: dict[str, str], said: str
) -> None:
    """Beside the form; nothing is left in the folder."""
    old = WebDesk.make(tmp_path / "old")
    copy, other = tmp_path / "copy.age", WebDesk.make(tmp_path / "other", is_new=True)
    spare = generate_hybrid()
    backups.backup(old.services.vault, [spare.recipient()], copy)
    old.close()
    typed = {"secret": spare.secret_text(), "backup": str(copy)}
    typed |= {"passphrase": PASSPHRASE, "again": PASSPHRASE, **change}
    answer = other.post("/start/back", **typed)
    assert answer.status_code == 400
    assert said in words(answer.text).lower()
    assert PASSPHRASE not in answer.text
    assert typed["backup"].strip("\x00") in answer.text
    assert not other.folder.exists() or left(other) == []


def test_backup_that_is_no_backup_is_refused(tmp_path: Path) -> None:
    """Garbage of any length; a second try works."""
    new = WebDesk.make(tmp_path / "home", is_new=True)
    file = tmp_path / "garbage.age"
    typed = {"secret": generate_hybrid().secret_text(), "backup": str(file)}
    for data in (b"", b"age-encryption.org/v1\n", os.urandom(5000), b"\x00" * 70_000):
        file.write_bytes(data)
        answer = new.post("/start/back", passphrase=PASSPHRASE, again=PASSPHRASE, **typed)
        assert answer.status_code == 400
        assert left(new) == []
    begin(new)


STEPS = (
    "intake.vault.identity.os.fsync",
    "intake.vault.beginning.generate_hybrid",
    "intake.vault.beginning._name",
    "intake.vault.key.make",
    "intake.vault.key.write",
    "intake.vault.vault.Database",
    "intake.desk.start._first",
)
"""Where a first start may break off."""


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("error", [OSError(28, "No space left"), VaultError("broken"), MemoryError])
def test_what_fails_in_the_middle_leaves_nothing(
    new: WebDesk, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
) -> None:
    """Neither half an identity nor half a vault, and the second try works."""
    filled = form(new)
    with monkeypatch.context() as broken:

        def fail(*_: object, **__: object) -> None:
            raise error

        broken.setattr(step, fail)
        answer = new.post("/start/new", **filled)
    assert answer.status_code in (400, 500)
    assert not new.folder.exists() or left(new) == []
    assert new.get("/recovery").headers["Location"] == "/start"
    begin(new)


def test_power_cut_before_the_vault_leaves_an_identity_that_is_used(new: WebDesk) -> None:
    """The next try asks for its passphrase; nothing is overwritten."""
    begin(new)
    new.close()
    home, before = new.services.home, new.services.home.identity.read_bytes()
    home.vault.rename(home.vault.with_name("vault.not-whole"))
    assert "There is an identity on this machine already" in words(
        new.post("/start/new", address=SITE, look="1").text
    )
    wrong = new.post("/start/new", **form(new, passphrase="something else"))
    assert (wrong.status_code, "not its passphrase" in wrong.text) == (400, True)
    assert home.identity.read_bytes() == before
    assert new.post("/start/new", **form(new, again="")).headers["Location"] == "/recovery"
    assert home.identity.read_bytes() == before
    assert left(new)[0] == "identity.age"
    assert not home.vault.with_name("vault.not-whole").exists()


def test_vault_without_its_identity_is_not_overwritten(new: WebDesk) -> None:
    """Somebody moved the identity away, and may bring it back."""
    begin(new)
    new.close()
    home = new.services.home
    home.identity.rename(new.folder / "elsewhere")
    before = (home.vault / "vault.key").read_bytes()
    answer = new.post("/start/new", **form(new))
    assert (answer.status_code, "not overwritten" in answer.text) == (400, True)
    assert (home.vault / "vault.key").read_bytes() == before
    assert not home.identity.exists()


def test_identity_that_appears_meanwhile_is_not_overwritten(
    new: WebDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program was faster: its file stays."""
    filled, home = form(new), new.services.home

    def late() -> HybridIdentity:
        home.identity.write_text("of another program")
        return generate_hybrid()

    monkeypatch.setattr("intake.vault.beginning.generate_hybrid", late)
    answer = new.post("/start/new", **filled)
    assert (answer.status_code, "not overwritten" in answer.text) == (400, True)
    assert home.identity.read_text() == "of another program"


def test_button_that_was_pressed_twice_makes_one_identity(new: WebDesk) -> None:
    """Both answers lead to the same sheet."""
    filled = form(new)
    again = WebDesk(new.folder, new.shelf, new.key, new.app, new.services, new.seen)
    again.get(new.services.door.address().removeprefix(new.services.door.origin))
    answers: list[str] = []

    def press(desk: WebDesk) -> None:
        answers.append(desk.post("/start/new", **filled).headers["Location"])

    presses = [threading.Thread(target=press, args=(desk,)) for desk in (new, again)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    assert set(answers) <= {"/recovery", "/"}
    sheet = new.services.sheets.find()
    assert sheet
    assert vault_keys.read(new.services.home.vault, [sheet.key]).value


@pytest.mark.parametrize(
    "address",
    [
        *("", " ", "https://", "ftp://site.test", "javascript:alert(1)", "https://site.test/form"),
        *("https://a@site.test", "https://site.test:99999", "https://[::1", "https://site.test?x"),
        *("https://s\u00edte.test", "https://site.test\u202e", "https://a b", "https://x#y"),
    ],
)
def test_address_that_is_none_is_refused_and_given_back(new: WebDesk, address: str) -> None:
    """Before anything is asked of anybody."""
    answer = new.post("/start/new", address=address, look="1")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert new.shelf.asked == []
    if address.strip().isascii():
        assert f'value="{address.strip()}"' in answer.text


def test_address_without_its_beginning_is_taken_as_https(new: WebDesk) -> None:
    """As people type it; one that is not is warned of."""
    assert f"at {SITE}" in words(new.post("/start/new", address="site.test", look="1").text)
    open_line = words(new.post("/start/new", address="http://site.test", look="1").text)
    assert "can change what comes" in open_line


@pytest.mark.parametrize(
    "programme",
    [
        b"",
        b"\xff\xfe",
        b"<html>",
        b"a = " + b"[" * 100_000,
        b'id = "x"\n',
        SMALL.encode() + b"surprise = 1\n",
        b"#" * (limits.PROGRAMME + 1),
        SMALL.replace("small", "../../x").encode(),
    ],
)
def test_hostile_programme_is_refused(tmp_path: Path, programme: bytes) -> None:
    """In a sentence, with the address still there."""
    new = WebDesk.make(tmp_path / "home", Shelf(published=programme), is_new=True)
    answer = new.post("/start/new", address=SITE, look="1")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert f'value="{SITE}"' in answer.text


def test_programme_of_a_server_that_does_not_answer_yet_may_be_given(tmp_path: Path) -> None:
    """A new server starts only once it has its office's keys."""
    new = WebDesk.make(tmp_path / "home", Shelf(published=None), is_new=True)
    assert "cannot be reached" in new.post("/start/new", address=SITE, look="1").text
    looked = new.post("/start/new", address=SITE, look="1", programme=SMALL)
    assert looked.status_code == 200
    digest = re.search(r'name="digest" value="(\w+)"', looked.text)
    assert digest
    told = {"digest": digest[1], "office": "inv", "who": "Ana", "passphrase": PASSPHRASE}
    filled = {**told, "address": SITE, "programme": SMALL, "again": PASSPHRASE, "make": "1"}
    assert new.post("/start/new", **filled).headers["Location"] == "/recovery"


def test_programme_that_changed_since_it_was_compared_is_not_taken(new: WebDesk) -> None:
    """Its words are other ones, and are shown."""
    filled = form(new)
    new.shelf.published = SMALL.replace('version = "1"', 'version = "2"').encode()
    answer = new.post("/start/new", **filled)
    assert (answer.status_code, "another one now" in answer.text) == (400, True)
    assert not new.folder.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"office": ""}, "choose your office"),
        ({"office": "oig"}, "choose your office"),
        ({"office": "../x"}, "choose your office"),
        ({"who": ""}, "type your name"),
        ({"who": "\u2003 "}, "type your name"),
        ({"who": "a" * 301}, "too long"),
        ({"passphrase": "elevenchars", "again": "elevenchars"}, "fewer than 12"),
        ({"again": "a passphrase of five wordz"}, "differ"),
        ({"digest": "0" * 64}, "another one now"),
    ],
)
def test_beginning_refuses_by_name_and_keeps_what_was_typed(
    new: WebDesk, change: dict[str, str], said: str
) -> None:
    """All but passphrases; nothing is made."""
    filled = form(new, **{"who": "Ana <b>", **change})
    answer = new.post("/start/new", **filled)
    assert answer.status_code == 400
    assert said in words(answer.text).lower()
    assert filled["passphrase"] not in answer.text
    if filled["who"].strip():
        assert filled["who"].replace("<", "&lt;").replace(">", "&gt;") in answer.text
    assert not new.folder.exists()


def test_name_cannot_turn_the_lines_after_it(new: WebDesk) -> None:
    """It stands beside what she did, on every page."""
    new.post("/start/new", **form(new, who="Ana\u202e\x07 R\u0131o\n2"))
    with new.services.vault.use() as opened:
        assert opened.settings["who"] == "Ana\ufffd\ufffd R\u0131o 2"


def hostile_files() -> dict[str, Callable[[], str]]:
    """Return files of keys that must be refused, by what is wrong with them."""
    return {
        "empty": str,
        "garbage": lambda: "garbage\n",
        "one key": lambda: team(generate_hybrid()),
        "five keys": lambda: "".join(f"{generate_hybrid().recipient()}\n" for _ in range(5)),
        "classic": lambda: team(generate_hybrid()) + f"{classic()}\n",
        "twice": lambda: team(generate_hybrid()) * 2,
        "over": lambda: (
            team(generate_hybrid()) + "# key: working, until 2026-01-01\n"
            f"{generate_hybrid().recipient()}\n"
        ),
        "secret": lambda: (
            team(generate_hybrid(), generate_hybrid()) + generate_hybrid().secret_text()
        ),
        "secret in a comment": lambda: f"# {generate_hybrid().secret_text().lower()}\n",
        "secret in pieces": lambda: "\n".join(
            re.findall(".{1,20}", generate_hybrid().secret_text())
        ),
        "byte order mark": lambda: "\ufeff" + team(generate_hybrid(), generate_hybrid()),
        "turned": lambda: team(generate_hybrid(), generate_hybrid()) + "\u202e\n",
        "too long": lambda: "#" * 70_000,
    }


def classic() -> X25519Recipient:
    """Return a key that is not post-quantum."""
    return generate_x25519().recipient()


@pytest.mark.parametrize("kind", hostile_files())
def test_hostile_file_of_keys_is_refused(new: WebDesk, kind: str) -> None:
    """Given back for correction, but for a secret key, which stands nowhere again."""
    text = hostile_files()[kind]()
    answer = new.post("/start/join", address=SITE, keys=text, look="1")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    if "secret" in kind:
        assert "it was not kept" in answer.text
        assert "AGE-SECRET-KEY" not in answer.text.upper().replace("AGE-SECRET-KEY-PQ-1 DO", "")
    elif kind not in ("empty", "too long"):
        assert text.splitlines()[0] in answer.text.replace("&#34;", '"')


def test_what_is_too_large_is_refused(new: WebDesk) -> None:
    """Ten megabytes are not read."""
    answer = new.post("/start/join", address=SITE, keys="x" * 10_000_000, look="1")
    assert answer.status_code == 413
    binary = {"keys-file": (io.BytesIO(b"\xff" * 5000), "inv.txt")}
    answer = new.post("/start/join", address=SITE, look="1", **binary)
    assert (answer.status_code, "not text" in answer.text) == (400, True)


def test_file_that_was_chosen_reaches_no_disk(
    new: WebDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A secret key may be in it by mistake: there is no temporary file, however large it is."""
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    text = f"{'#' * 800_000}\n{generate_hybrid().secret_text()}\n"
    head = 'Content-Disposition: form-data; name="keys-file"; filename="inv.txt"\r\n\r\n'
    name = 'Content-Disposition: form-data; name="address"\r\n\r\n'
    body = f"--x\r\n{name}{SITE}\r\n--x\r\n{head}{text}\r\n--x--\r\n".encode()
    origin = new.services.door.origin
    answer = new.client.post(
        "/start/join",
        base_url=origin,
        data=body,
        content_type="multipart/form-data; boundary=x",
        headers={"Origin": origin},
    )
    assert (answer.status_code, "it was not kept" in answer.text) == (400, True)


@pytest.mark.parametrize("shape", [str, str.lower, lambda t: " ".join(re.findall(".{1,4}", t))])
def test_typed_key_is_read_with_or_without_its_spaces(shape: Callable[[str], str]) -> None:
    """As people copy it from paper."""
    key = generate_hybrid()
    text = key.secret_text()
    for typed in (text, text.removeprefix("AGE-SECRET-KEY-PQ-1")):
        assert typed_key(shape(typed)).seed == key.seed


@pytest.mark.parametrize(
    "text",
    ["", "\n", "x", "AGE-SECRET-KEY-PQ-1", "\u202e", "Q" * 201, "AGE-SECRET-KEY-1Q", "1" * 58],
)
def test_typed_key_that_is_none_is_refused(text: str) -> None:
    """Also one with a single letter changed; nothing of it stands in the message."""
    refused(lambda: typed_key(text), KeyTextError)
    wrong = list(generate_hybrid().secret_text())
    wrong[30] = "Q" if wrong[30] != "Q" else "P"
    assert "".join(wrong)[20:] not in refused(lambda: typed_key("".join(wrong)), KeyTextError)


def test_vault_is_named_only_when_it_is_whole(tmp_path: Path) -> None:
    """What a program that died leaves has another name, and is no vault to begin with."""
    place = beginning.Place(tmp_path / "identity.age", tmp_path / "vault")
    seen: list[bool] = []

    def told(_: HybridIdentity) -> dict[str, str]:
        seen.append(place.vault.exists())
        return {"server": SITE, "office": "inv", "programme": SMALL, "who": "Ana"}

    key = beginning.make(place, PASSPHRASE, [], told)
    assert seen == [False]
    vault = Vault(place.vault, Clock()).unlock([key])
    vault.lock()
