"""The office's keys at a desk: compared before they count, and sealed to from then on."""

import io
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from intake.crypto.keyfile import KeyFile
from intake.crypto.keyring import OfficeKey, fingerprint
from intake.crypto.unseal import (
    HybridIdentity,
    generate_hybrid,
    generate_x25519,
    open_identities_file,
    open_sealed,
    seal_identities_file,
)
from intake.desk.keys import words_of
from intake.desk.resealing import CHANGED
from intake.desk.sheet import SHEET
from intake.errors import NoMatchError, UnreachableError, VaultKeyError
from intake.vault import backup as backups
from intake.vault import key as vault_keys
from intake.vault.vault import Vault
from intake.vault.writing import own_keys
from tests.crypto import entries
from tests.support.desk import TODAY, Clock, refused
from tests.support.keys import PASSPHRASE, cheap
from tests.support.webdesk import NOW, WebDesk, words

NEW = "another passphrase of words"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let passphrases cost little."""
    monkeypatch.setattr("intake.crypto.unseal.ScryptRecipient", cheap)


@pytest.fixture
def spare(desk: WebDesk) -> HybridIdentity:
    """Give the desk's office a recovery key beside the desk's own."""
    made = generate_hybrid()
    give(desk, desk.key, made)
    return made


def give(desk: WebDesk, *keys: HybridIdentity) -> None:
    """Give the desk a file of working keys, the last one a recovery key."""
    file = KeyFile("inv.txt", "")
    for key in keys:
        role = "recovery" if key is keys[-1] else "working"
        file = file.added(OfficeKey(key.recipient(), role, TODAY), TODAY)
    desk.services.vault.set("keys", file.text)


def keys_of(desk: WebDesk) -> list[tuple[str, str]]:
    """Return roles and keys of the file that the desk has."""
    return [(key.role, str(key.recipient)) for key in file_of(desk).keys]


def file_of(desk: WebDesk) -> KeyFile:
    """Return the file that the desk has."""
    with desk.services.vault.use() as opened:
        return KeyFile("inv.txt", opened.settings["keys"])


def setting(desk: WebDesk, name: str) -> str:
    """Return a setting of the vault, empty where there is none."""
    with desk.services.vault.use() as opened:
        return opened.settings.get(name, "")


def line(key: HybridIdentity) -> str:
    """Return a key as it is pasted."""
    return str(key.recipient())


def opens(desk: WebDesk, key: HybridIdentity) -> bool:
    """Whether a key opens the vault."""
    try:
        vault_keys.read(desk.services.home.vault, [key])
    except VaultKeyError:
        return False
    return True


def test_page_shows_own_key_and_the_keys_of_today(desk: WebDesk, spare: HybridIdentity) -> None:
    """With role, days and words; which is one's own; the line to copy is the public one."""
    shown = desk.text("/office")
    assert shown.count(words_of(desk.key.recipient())) == 2
    assert words_of(spare.recipient()) in shown
    assert line(desk.key) in shown
    for part in ("this is you", "recovery", f"from {TODAY}", "Save inv.txt"):
        assert part in shown
    assert "SECRET" not in desk.get("/office").text


def test_file_of_keys_is_saved_as_it_is(desk: WebDesk, spare: HybridIdentity) -> None:
    """Under the name that the server's folder wants."""
    answer = desk.get("/office/keys")
    assert answer.text == file_of(desk).text
    assert answer.headers["Content-Disposition"] == 'attachment; filename="inv.txt"'
    assert line(spare) in answer.text


def test_colleague_counts_once_her_words_were_compared(
    desk: WebDesk, spare: HybridIdentity
) -> None:
    """First they are shown; without a yes nothing changes."""
    colleague, before = generate_hybrid(), keys_of(desk)
    form = {"key": line(colleague), "role": "working", "days": "30"}
    asked = desk.post("/office/add", **form)
    assert asked.status_code == 200
    assert words_of(colleague.recipient()) in words(asked.text)
    for more in ({}, {"confirm": "1"}):
        desk.post("/office/add", **form, **more)
        assert keys_of(desk) == before
    done = desk.post("/office/add", **form, confirm="1", compared="1")
    assert done.headers["Location"] == "/office#keys"
    assert keys_of(desk) == [*before, ("working", line(colleague))]
    added = file_of(desk).keys[-1]
    assert (added.since, added.until) == (TODAY, TODAY + timedelta(days=30))
    with desk.services.vault.use() as opened:
        assert colleague.recipient() in own_keys(opened, NOW)
    assert not opens(desk, colleague)
    assert opens(desk, spare)
    assert "What is left to do" not in desk.text("/aside")
    assert "What is left to do".lower() in desk.text("/office").lower()


def hostile_lines(desk: WebDesk) -> dict[str, tuple[str, str]]:
    """Return what people paste as a key line, and what they are told."""
    good = line(generate_hybrid())
    secret = generate_hybrid().secret_text()
    return {
        "nothing": ("", "paste a colleague"),
        "comments": ("# key: working\n\n", "paste a colleague"),
        "garbage": ("garbage", "key"),
        "cut": (good[:-1], "typing error"),
        "changed": (good.replace("q", "p", 3), "key"),
        "turned": (f"\u202e{good}", "one case"),
        "classic": (str(generate_x25519().recipient()), "classic key"),
        "two lines": (f"{good}\n{line(generate_hybrid())}", "several keys"),
        "two in one": (good + good, "several keys"),
        "own again": (line(desk.key), "again"),
        "long": ("age1pq1" + "q" * 9000, "more than one key line"),
        "markup": ("<script>alert(1)</script>", "key"),
        "secret": (secret, "not kept"),
        "secret in small letters": (secret.lower(), "not kept"),
        "secret in pieces": (f"{secret[:9]}\n{secret[9:]}", "not kept"),
        "classic secret": (generate_x25519().secret_text(), "not kept"),
        "secret beside": (f"{good}\n{secret}", "not kept"),
    }


HOSTILE = (
    *("nothing", "comments", "garbage", "cut", "changed", "turned", "classic", "two lines"),
    *("two in one", "own again", "long", "markup", "secret", "secret in small letters"),
    *("secret in pieces", "classic secret", "secret beside"),
)


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_key_line_is_refused_beside_the_form(
    desk: WebDesk, spare: HybridIdentity, kind: str
) -> None:
    """And given back, but for a secret key; never added, compared or not."""
    text, said = hostile_lines(desk)[kind]
    before = keys_of(desk)
    for more in ({}, {"compared": "1", "confirm": "1"}):
        answer = desk.post("/office/add", key=text, days="7", **more)
        assert answer.status_code == 400, words(answer.text)
        assert said in words(answer.text).lower()
        assert keys_of(desk) == before
        assert "<script>alert" not in answer.text
        if "not kept" in said:
            assert "AGE-SECRET-KEY-1" not in answer.text.upper()
            assert text.split("\n")[-1][-20:].upper() not in answer.text.upper()
        else:
            assert 'value="7"' in answer.text
    assert opens(desk, desk.key)
    assert line(spare) in [key for _, key in before]


def test_line_that_a_mail_broke_is_one_key(desk: WebDesk, spare: HybridIdentity) -> None:
    """Its checksum says that nothing is missing."""
    text = line(generate_hybrid())
    broken = "\r\n".join(text[at : at + 76] for at in range(0, len(text), 76))
    assert desk.post("/office/add", key=f"# Ana\r\n{broken}\r\n").status_code == 200
    assert len(keys_of(desk)) == 2
    assert opens(desk, desk.key) != opens(desk, spare)


@pytest.mark.parametrize("days", ["0", "3651", "-1", "x", "1e3", "\u0663", "9" * 400])
def test_days_that_are_none_are_refused(desk: WebDesk, spare: HybridIdentity, days: str) -> None:
    """A key without an end would never be looked at again."""
    answer = desk.post("/office/add", key=line(generate_hybrid()), days=days, compared="1")
    assert (answer.status_code, "correct the number" in answer.text) == (400, True)
    assert len(keys_of(desk)) == 2
    assert opens(desk, desk.key) != opens(desk, spare)


def test_role_that_is_none_is_refused(desk: WebDesk, spare: HybridIdentity) -> None:
    """There are two."""
    answer = desk.post("/office/add", key=line(generate_hybrid()), role="owner", compared="1")
    assert (answer.status_code, len(keys_of(desk))) == (400, 2)
    assert line(spare) in file_of(desk).text


def test_fifth_key_is_refused(desk: WebDesk) -> None:
    """A header of five is more than a server keeps; it is said before somebody pastes one."""
    give(desk, desk.key, *(generate_hybrid() for _ in range(3)))
    assert "four keys, which is the most" in desk.text("/office")
    answer = desk.post("/office/add", key=line(generate_hybrid()), compared="1", confirm="1")
    assert (answer.status_code, "more than four keys" in answer.text) == (400, True)
    assert len(keys_of(desk)) == 4


def test_leaver_is_taken_out_once_it_was_said_what_that_protects(
    desk: WebDesk, spare: HybridIdentity
) -> None:
    """Nothing before, and her copies: the page says so, and what is left to do."""
    leaver = generate_hybrid()
    give(desk, desk.key, leaver, spare)
    wanted = {"key": fingerprint(leaver.recipient())}
    asked = words(desk.post("/office/remove", **wanted).text)
    for part in ("nothing before", "a copy that was kept or taken", "within 15 minutes"):
        assert part in asked
    assert asked.count(words_of(leaver.recipient())) == 1
    assert len(keys_of(desk)) == 3
    assert desk.post("/office/remove", **wanted, confirm="1").status_code == 303
    assert line(leaver) not in file_of(desk).text
    assert setting(desk, CHANGED) == str(TODAY)


def test_key_may_end_on_a_day_to_come(desk: WebDesk, spare: HybridIdentity) -> None:
    """Until then both are sealed to."""
    leaver, last = generate_hybrid(), TODAY + timedelta(days=9)
    give(desk, desk.key, leaver, spare)
    wanted = {"key": fingerprint(leaver.recipient()), "last": str(last)}
    assert f"after {last}" in words(desk.post("/office/remove", **wanted).text)
    desk.post("/office/remove", **wanted, confirm="1")
    file = file_of(desk)
    assert leaver.recipient() in [key.recipient for key in file.valid(last)]
    assert leaver.recipient() not in [key.recipient for key in file.valid(last + timedelta(days=1))]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"last": "2026-02-30"}, "2026-01-31"),
        ({"last": "tomorrow"}, "2026-01-31"),
        ({"last": "2020-01-01"}, "over already"),
        ({"key": ""}, "no such key"),
        ({"key": "0" * 64}, "no such key"),
        ({"key": "../../etc"}, "no such key"),
    ],
)
def test_removal_that_cannot_be_is_refused(
    desk: WebDesk, spare: HybridIdentity, change: dict[str, str], said: str
) -> None:
    """Beside the list."""
    leaver = generate_hybrid()
    give(desk, desk.key, leaver, spare)
    form = {"key": fingerprint(leaver.recipient()), "confirm": "1", **change}
    answer = desk.post("/office/remove", **form)
    assert (answer.status_code, said in answer.text) == (400, True)
    assert len(keys_of(desk)) == 3


def test_own_key_and_one_of_the_last_two_stay(desk: WebDesk, spare: HybridIdentity) -> None:
    """Nobody locks herself out, and no office is left with one key."""
    own = desk.post("/office/remove", key=fingerprint(desk.key.recipient()), confirm="1")
    assert (own.status_code, "your own key" in own.text) == (400, True)
    last = desk.post("/office/remove", key=fingerprint(spare.recipient()), confirm="1")
    assert (last.status_code, "fewer than two valid keys" in last.text) == (400, True)
    assert len(keys_of(desk)) == 2


def test_newer_file_is_taken_once_its_differences_were_compared(
    desk: WebDesk, spare: HybridIdentity
) -> None:
    """New, gone and changed keys in words; the vault opens with the new recovery key then."""
    colleague, paper = generate_hybrid(), generate_hybrid()
    file = KeyFile("inv.txt", "")
    for key, role in ((desk.key, "working"), (colleague, "working"), (paper, "recovery")):
        file = file.added(OfficeKey(key.recipient(), role, TODAY), TODAY)
    before = keys_of(desk)
    upload = (io.BytesIO(file.text.replace("\n", "\r\n").encode()), "inv.txt")
    asked = desk.post("/office/take", **{"keys-file": upload})
    shown = words(asked.text)
    for key in (colleague, paper, spare):
        assert words_of(key.recipient()) in shown
    assert words_of(desk.key.recipient()) not in shown
    assert desk.post("/office/take", keys=file.text, confirm="1").status_code == 200
    assert keys_of(desk) == before
    done = desk.post("/office/take", keys=file.text, confirm="1", compared="1")
    assert done.headers["Location"] == "/office#keys"
    assert file_of(desk).text == file.text
    assert [opens(desk, key) for key in (desk.key, paper, spare, colleague)] == [
        *(True, True, False, False)
    ]


def test_file_without_your_own_key_is_warned_of(desk: WebDesk, spare: HybridIdentity) -> None:
    """And one that changes nothing is said to be the same."""
    file = KeyFile("inv.txt", f"{line(spare)}\n{line(generate_hybrid())}\n")
    assert "Your own key is not among" in words(desk.post("/office/take", keys=file.text).text)
    same = desk.post("/office/take", keys=file_of(desk).text)
    assert (same.status_code, "keys that you have" in same.text) == (200, True)
    assert setting(desk, CHANGED) == ""


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + generate_hybrid().secret_text(),
        lambda text: text + "nonsense\n",
        lambda text: text.replace("# key: working", "# key: owner"),
        lambda text: text + f"{generate_x25519().recipient()}\n",
        lambda text: text + "".join(f"{line(generate_hybrid())}\n" for _ in range(3)),
        lambda text: "\n".join(text.split("\n")[:2]),
        lambda _: "",
        lambda text: "\ufeff" + text,
        lambda text: text * 40,
    ],
)
def test_hostile_file_is_refused_beside_the_form(
    desk: WebDesk, spare: HybridIdentity, change: Callable[[str], str]
) -> None:
    """Nothing of it is taken, and no secret key is shown again."""
    before, text = file_of(desk).text, change(file_of(desk).text)
    answer = desk.post("/office/take", keys=text, compared="1", confirm="1")
    assert (answer.status_code, 'role="alert"' in answer.text) == (400, True)
    assert file_of(desk).text == before
    assert "AGE-SECRET-KEY-PQ" not in answer.text
    assert line(spare) in before


def test_new_recovery_key_takes_the_place_of_the_old(desk: WebDesk, spare: HybridIdentity) -> None:
    """Its sheet is shown; the vault opens with it, and with the old one no more."""
    assert desk.post("/office/recovery").status_code == 400
    assert desk.post("/office/recovery", confirm="1").headers["Location"] == "/recovery"
    sheet = desk.services.sheets.find()
    assert sheet
    roles = dict(keys_of(desk))
    assert roles == {"working": line(desk.key), "recovery": line(sheet.key)}
    assert [opens(desk, key) for key in (desk.key, sheet.key, spare)] == [True, True, False]
    assert "groups" not in setting(desk, SHEET)
    desk.post("/recovery")
    assert setting(desk, SHEET) == "printed"


def test_new_recovery_key_finds_room_among_four(desk: WebDesk) -> None:
    """The old one goes first then."""
    give(desk, desk.key, *(generate_hybrid() for _ in range(3)))
    desk.post("/office/recovery", confirm="1")
    sheet = desk.services.sheets.find()
    assert sheet
    assert keys_of(desk)[-1] == ("recovery", line(sheet.key))
    assert len(keys_of(desk)) == 4


def test_what_is_open_is_sealed_anew_to_the_keys_of_today(
    desk: WebDesk, spare: HybridIdentity
) -> None:
    """Old reports open for the colleague then, and for the leaver no more; payloads stay."""
    leaver, colleague = generate_hybrid(), generate_hybrid()
    report = entries.report()
    before = desk.shelf.put(report, TODAY, desk.key, leaver)
    give(desk, desk.key, colleague, spare)
    desk.services.vault.set(CHANGED, str(TODAY))
    assert desk.post("/office/seal").headers["Location"] == "/office/seal"
    assert "1 sealed anew, 0 not" in desk.text("/office/seal")
    after = desk.shelf.sealed[report.id]
    assert after.payload == before.payload
    for key in (desk.key, colleague, spare):
        assert open_sealed(after.header, after.payload, [key])
    refused(lambda: open_sealed(after.header, after.payload, [leaver]), NoMatchError)
    assert setting(desk, CHANGED) == ""
    assert "left to do" not in desk.text("/office")


def test_one_entry_that_cannot_be_sealed_anew_blocks_no_other(
    desk: WebDesk, spare: HybridIdentity
) -> None:
    """It is named with its reason, and the keys still count as changed."""
    strange = msgspec.structs.replace(entries.report(), case="aa" * 16, id="ab" * 16)
    desk.shelf.put(strange, TODAY, generate_hybrid())
    good = desk.shelf.put(entries.report(), TODAY, desk.key)
    desk.services.vault.set(CHANGED, str(TODAY))
    desk.post("/office/seal")
    shown = desk.text("/office/seal")
    assert "1 sealed anew, 1 not" in shown
    assert f"entry {strange.id}: none of the identities" in shown
    assert open_sealed(desk.shelf.sealed[good.entry].header, good.payload, [spare])
    assert setting(desk, CHANGED) == str(TODAY)


def test_recovery_key_opens_what_a_new_machine_cannot(desk: WebDesk, spare: HybridIdentity) -> None:
    """Typed for one run; it reaches no setting and no page."""
    report = entries.report()
    desk.shelf.put(report, TODAY, spare)
    desk.post("/office/seal")
    assert "0 sealed anew, 1 not" in desk.text("/office/seal")
    answer = desk.post("/office/seal", secret=spare.secret_text().lower())
    assert answer.status_code == 303
    assert "1 sealed anew, 0 not" in desk.text("/office/seal")
    after = desk.shelf.sealed[report.id]
    assert open_sealed(after.header, after.payload, [desk.key])
    wrong = desk.post("/office/seal", secret="not a key")
    assert (wrong.status_code, "not a key" in wrong.text) == (400, False)


def test_sealing_anew_stops_where_there_is_no_line(desk: WebDesk, spare: HybridIdentity) -> None:
    """After three entries in a row, not after ten thousand; the page says so and goes on."""
    for number in range(9):
        entry = msgspec.structs.replace(
            entries.report(), case=f"{number:032x}", id=f"{number:032x}"
        )
        desk.shelf.put(entry, TODAY, desk.key, spare)

    def cut(path: str, body: bytes) -> bytes:
        if path.endswith("/header"):
            raise UnreachableError("the server cannot be reached, check address and line")
        return body

    desk.shelf.hook = cut
    desk.post("/office/seal")
    shown = desk.text("/office/seal")
    assert "stopped after 3 of 9" in shown
    assert len([path for path in desk.shelf.asked if path.endswith("/header")]) == 3


def test_sealing_anew_needs_your_own_key_among_two(desk: WebDesk) -> None:
    """Else nobody here could read it again; nothing is sent."""
    desk.shelf.put(entries.report(), TODAY, desk.key)
    desk.post("/office/seal")  # the desk's own key alone
    assert "fewer than two valid keys" in desk.text("/office/seal").lower()
    give(desk, generate_hybrid(), generate_hybrid())
    desk.post("/office/seal")
    assert "none of your identities" in desk.text("/office/seal").lower()
    assert [path for path in desk.shelf.asked if path.startswith("PUT")] == []


def test_keys_hold_by_the_day_of_servers(desk: WebDesk) -> None:
    """A desk in America that begins in the evening can write at once: there it is tomorrow."""
    evening = NOW.replace(hour=20)
    tomorrow = TODAY + timedelta(days=1)
    key = OfficeKey(desk.key.recipient(), "working", tomorrow)
    desk.services.vault.set("keys", KeyFile("inv.txt", "").added(key, tomorrow).text)
    with desk.services.vault.use() as opened:
        assert own_keys(opened, evening) == [desk.key.recipient()]


def test_acknowledging_is_switched_off_and_on(desk: WebDesk) -> None:
    """It is on where nobody said otherwise."""
    assert 'name="acknowledge" value="1" checked' in desk.get("/office").text
    desk.post("/office/acknowledge")
    assert setting(desk, "acknowledge") == "off"
    assert 'name="acknowledge" value="1" checked' not in desk.get("/office").text
    desk.post("/office/acknowledge", acknowledge="1")
    assert setting(desk, "acknowledge") == "on"


def test_new_passphrase_takes_the_place_of_the_old(desk: WebDesk) -> None:
    """The key inside stays; no other file is left."""
    path = desk.services.home.identity
    path.write_bytes(seal_identities_file(desk.key, PASSPHRASE))
    answer = desk.post("/office/passphrase", old=PASSPHRASE, new=NEW, again=NEW)
    assert "new passphrase opens" in words(answer.text)
    (key,) = open_identities_file(path.read_bytes(), lambda: NEW)
    assert key.secret_text() == desk.key.secret_text()
    assert sorted(one.name for one in desk.folder.iterdir()) == ["identity.age", "vault"]
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
    desk.post("/lock")
    assert desk.post("/unlock", passphrase=PASSPHRASE).status_code == 403
    assert desk.post("/unlock", passphrase=NEW).headers["Location"] == "/"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"old": "a wrong passphrase"}, "not its passphrase"),
        ({"old": ""}, "not its passphrase"),
        ({"new": "short", "again": "short"}, "fewer than 12"),
        ({"again": "something else"}, "differ"),
    ],
)
def test_passphrase_that_cannot_be_changed_stays(
    desk: WebDesk, change: dict[str, str], said: str
) -> None:
    """And none of those typed is shown."""
    path = desk.services.home.identity
    path.write_bytes(before := seal_identities_file(desk.key, PASSPHRASE))
    answer = desk.post(
        "/office/passphrase", **{"old": PASSPHRASE, "new": NEW, "again": NEW, **change}
    )
    assert (answer.status_code, said in answer.text) == (400, True)
    assert path.read_bytes() == before
    assert NEW not in answer.text


@pytest.mark.parametrize("step", ["os.fsync", "_texts", "Path.replace"])
def test_passphrase_change_that_breaks_off_keeps_the_old_file(
    desk: WebDesk, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """A full disk, or a new file that does not open."""
    path = desk.services.home.identity
    path.write_bytes(before := seal_identities_file(desk.key, PASSPHRASE))
    with monkeypatch.context() as broken:

        def fail(*_: object) -> None:
            raise OSError(28, "No space left")

        broken.setattr(f"intake.vault.identity.{step}", fail)
        answer = desk.post("/office/passphrase", old=PASSPHRASE, new=NEW, again=NEW)
    assert answer.status_code == 400
    assert path.read_bytes() == before
    assert sorted(one.name for one in desk.folder.iterdir()) == ["identity.age", "vault"]


def test_backup_opens_with_own_and_recovery_key(
    desk: WebDesk, spare: HybridIdentity, tmp_path: Path
) -> None:
    """And with no colleague's; a folder gets a name with the day."""
    colleague = generate_hybrid()
    give(desk, desk.key, colleague, spare)
    answer = desk.post("/office/backup", path=str(tmp_path))
    assert "backup is written" in answer.text.lower()
    file = tmp_path / f"intake-vault-{TODAY}.age"
    for number, key in enumerate((desk.key, spare)):
        folder = tmp_path / f"back{number}"
        backups.restore(file, folder, [key], [key.recipient()])
        assert Vault(folder, Clock()).unlock([key])
    refused(
        lambda: backups.restore(file, tmp_path / "no", [colleague], [colleague.recipient()]),
        NoMatchError,
    )


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("", "whole path"),
        ("backup.age", "whole path"),
        ("/nowhere/at/all.age", "no such folder"),
        ("HOME/backup.age", "lost with it"),
        ("HOME/../home/vault", "lost with it"),
        ("FOLDER/there", "already"),
        ("FOLDER/\x00", "whole path"),
        ("FOLDER/\u202egpj.age", "whole path"),
    ],
)
def test_backup_that_cannot_be_is_refused_and_the_path_given_back(
    desk: WebDesk, tmp_path: Path, path: str, said: str
) -> None:
    """Nothing is overwritten, and nothing half written is left."""
    (tmp_path / "there").write_text("mine")
    typed = path.replace("HOME", str(desk.folder)).replace("FOLDER", str(tmp_path))
    answer = desk.post("/office/backup", path=typed)
    assert (answer.status_code, said in answer.text.lower()) == (400, True)
    if typed.isprintable():
        assert f'value="{typed}"' in answer.text
    assert (tmp_path / "there").read_text() == "mine"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["home", "there"]


def test_broken_file_of_keys_is_named_and_can_be_replaced(desk: WebDesk) -> None:
    """Whatever is in the setting, the page comes."""
    desk.services.vault.set("keys", "nonsense\n")
    assert "inv.txt:1:" in desk.text("/office").lower()
    text = f"{line(desk.key)}\n{line(generate_hybrid())}\n"
    answer = desk.post("/office/take", keys=text, compared="1", confirm="1")
    assert answer.status_code == 303
    assert file_of(desk).text == text
