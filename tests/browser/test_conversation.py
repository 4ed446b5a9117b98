"""A conversation in a real Chromium with JavaScript off; the office answers by the command line."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.browser.test_witness import in_memory, open_as, readable
from tests.media.canaries import CANARIES
from tests.media.pictures import telling_jpeg
from tests.support.browser import drive
from tests.support.server import DemoServer, started

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MARK = f"heron{secrets.token_hex(4)}"
ACCOUNT = f"They took the list of names. The {MARK} saw it."
REPLY = f"We read it, {MARK}. Who is held, and where?"
ANSWER = f"At the bridge, in the red house, says the {MARK}."


@dataclass(frozen=True)
class Talk:
    """What the witness saw each time, and what the offices open afterwards."""

    filed: dict[str, Any]
    empty: dict[str, Any]
    back: dict[str, Any]
    told: str
    opened: dict[str, list[dict[str, Any]]]
    out: Path
    server: DemoServer
    profile: Path


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    """File for two offices, let one answer and ask, come back and answer with a photo."""
    base = tmp_path_factory.mktemp("talk")
    photo = base / "photo.jpg"
    photo.write_bytes(telling_jpeg())
    with started(folder=base / "server") as server:
        visit: dict[str, object] = {
            "url": server.origin,
            "profile": str(base / "profile"),
            "language": "es",
            "pictures": os.environ.get("INTAKE_PICTURES"),
        }
        filed = drive("conversation.mjs", {**visit, "does": "file", "account": ACCOUNT})
        words = filed["words"]
        empty = drive("conversation.mjs", {**visit, "does": "empty", "words": " ".join(words)})
        (report,) = open_as(server, "investigators", base / "first")
        told = reply(server, report["case"], "--template", "received", "--ask", "detained")
        reply(server, report["case"], "--file", "-")
        back = drive(
            "conversation.mjs",
            {
                **visit,
                "does": "back",
                "words": " ".join([*words[:3], "xylophon", *words[4:]]),
                "short": " ".join(word[:4].upper() for word in words),
                "told": f"{MARK} is held",
                "answer": ANSWER,
                "photo": str(photo),
            },
        )
        opened = {o: open_as(server, o, base / o) for o in ("investigators", "children")}
        out = base / "out"
        run(server, "open", "--out", str(out))
        yield Talk(filed, empty, back, told, opened, out, server, base / "profile")


def run(server: DemoServer, *arguments: str, typed: str = "") -> str:
    """Return what a command of the investigators printed."""
    command = [sys.executable, "-m", "intake", *arguments, "--server", server.origin]
    identity = str(server.identity("investigators"))
    command += ["--office", "investigators", "--identity", identity]
    done = subprocess.run(
        command, input=typed, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def reply(server: DemoServer, case: str, *arguments: str) -> str:
    """Answer a case by the command line."""
    keys = server.identity("investigators").parent.parent / "keys"
    return run(server, "reply", case, "--keys", str(keys), *arguments, typed=REPLY)


def test_empty_mailbox_says_so_on_a_page_of_another_language(talk: Talk) -> None:
    """English words on the Spanish page."""
    text = talk.empty["texts"]["empty"]
    assert "Todavía no hay respuesta." in text
    assert MARK not in text


def test_witness_reads_what_the_office_wrote_in_order(talk: Talk) -> None:
    """A wrong word is pointed out by its place; then four letters of each are enough."""
    texts = talk.back["texts"]
    assert talk.back["statuses"]["mistyped"] == 422
    assert "4" in texts["mistyped"]
    case = texts["case"]
    assert case.index("We have your report") < case.index(REPLY)
    assert ACCOUNT not in case
    assert talk.back["ticked"]["ask"] == talk.back["ticked"]["answer"] == ["investigators"]
    assert "sent: this reply is sealed to the person's ten words and your office" in talk.told


def test_she_deletes_one_answer_and_takes_the_case_back_from_one_office(talk: Talk) -> None:
    """Asked before: nothing brings it back."""
    texts = talk.back["texts"]
    assert "¿Borrarla?" in texts["discard"]
    assert "We have your report" in texts["kept"]
    assert "We have your report" not in texts["deleted"]
    assert REPLY in texts["deleted"]
    assert "no le entregó" not in texts["deleted"]
    assert talk.back["statuses"] == dict.fromkeys(talk.back["statuses"], 200) | {"mistyped": 422}


def test_offices_see_all_in_order_and_none_what_is_anothers(talk: Talk) -> None:
    """The one that was taken back from has nothing any more."""
    entries = talk.opened["investigators"]
    assert [one["kind"] for one in entries] == ["report", "reply", "reply", "message", "message"]
    assert [one["missing"] for one in entries] == [[]] * 5
    replies = {one["id"] for one in entries if one["kind"] == "reply"}
    messages = [one for one in entries if one["kind"] == "message"]
    assert all(replies <= set(one["seen"]) for one in messages)
    assert [one["body"]["group"] for one in messages] == ["detained", "answer"]
    assert messages[1]["body"]["answers"]["message"] == ANSWER
    assert [one for one in talk.opened["children"] if MARK in json.dumps(one)] == []


def test_photo_arrives_without_where_it_was_made(talk: Talk) -> None:
    """She took the tick away at the file as it was made: nothing that tells of her is left."""
    (copy,) = talk.out.rglob("*.jpg")
    data = copy.read_bytes()
    assert len(data) == len(telling_jpeg())
    assert [mark for mark in CANARIES if mark in data] == []
    assert any(mark in telling_jpeg() for mark in CANARIES)


def test_pages_of_the_conversation_fit_a_small_phone(talk: Talk) -> None:
    """No page scrolls sideways at 320 pixels."""
    widths = {**talk.filed["widths"], **talk.empty["widths"], **talk.back["widths"]}
    assert set(widths.values()) == {320}


def test_no_word_of_the_conversation_is_kept(talk: Talk) -> None:
    """Neither at the server nor in the browser's profile."""
    for top in (talk.server.folder, talk.profile):
        files = [path for path in top.rglob("*") if path.is_file()]
        assert len(files) > 5
        assert [path for path in files if MARK in readable(path)] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root reads the memory of an undumpable worker")
def test_no_word_of_the_conversation_is_in_the_memory_of_a_server_process(talk: Talk) -> None:
    """What was opened for one request is overwritten after it."""
    for pid in talk.server.workers():
        assert not in_memory(pid, MARK.encode()), f"process {pid} remembers"
        assert not in_memory(pid, MARK.encode("utf-16-le")), f"process {pid} remembers"
