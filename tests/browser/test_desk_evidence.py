"""The pages of files in a real Chromium: nothing hostile runs, asks or moves; what plays, plays."""

import base64
from pathlib import Path
from typing import Any

import pytest

from tests.desk.hostile import Hostile, every, records
from tests.support.browser import drive
from tests.support.desk import TODAY
from tests.support.webdesk import WebDesk
from tests.support.webfiles import brought, fetched, serving, sound

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MARK = "canarywordofaperson"
FILES = every()
RECORDS = records()


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Open the page of every hostile file, and of every case that is hostile in its words."""
    folder = tmp_path_factory.mktemp("hostile")
    web = WebDesk.make(folder / "desk")
    pages = brought(web, FILES)
    for one in RECORDS:
        web.shelf.put(one.entry, TODAY, web.key)
    web.services.syncing.run()
    for one in RECORDS:
        if not one.reason:
            pages[f"/case/{one.entry.case}"] = one.label
    pages |= {"/": "inbox", "/search?q=words": "search", "/aside": "aside"}
    with serving(web) as enter:
        found: dict[str, Any] = drive(
            "evidence.mjs",
            {"profile": str(folder / "profile"), "enter": enter, "pages": list(pages)},
        )
    web.close()
    found["labels"] = pages
    return found


def test_nothing_hostile_runs_asks_or_leaves(seen: dict[str, Any]) -> None:
    """No dialog, no request to anybody else, no window, no page that moved, no mark of a script."""
    assert len(seen["opened"]) > len(FILES) + len(RECORDS)
    assert seen["dialogs"] == []
    assert seen["foreign"] == []
    assert seen["popups"] == 0
    for one in seen["opened"]:
        assert not any(one["pwned"]), one
        assert one["url"].endswith(one["path"]) or one["failed"], one
        assert one.get("elements", 0) == 0, one


def test_every_file_is_shown_in_its_way(seen: dict[str, Any]) -> None:
    """A picture that is drawn, a text, a frame, or none of these."""
    labels: dict[str, Hostile] = {one.label: one for one in FILES}
    opened = {one["path"]: one for one in seen["opened"]}
    for path, label in seen["labels"].items():
        one = opened[path]
        assert one["status"] == 200, (label, one)
        if label not in labels:
            continue
        way = labels[label].shown
        assert (one["picture"] > 0) is (way == "pixels"), label
        assert (one["text"] >= 0) is (way == "text"), label
        assert bool(one["frame"]) is (way in ("sound", "film")), label
        assert one["frames"] == (2 if one["frame"] else 1), label


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Have a browser record a film."""
    profile = tmp_path_factory.mktemp("film")
    found = drive("evidence.mjs", {"profile": str(profile), "film": True})
    return base64.b64decode(found["film"])


@pytest.mark.parametrize("kind", ["film", "sound"])
def test_film_and_sound_play_and_seek_in_their_frame(
    tmp_path: Path, film: bytes, kind: str
) -> None:
    """By ranges; and the frame has no origin, no cookie, no parent and no line to anywhere."""
    web = WebDesk.make(tmp_path / "desk")
    data, name, said, second = {
        "film": (film, "film.webm", "video/webm", 0.5),
        "sound": (sound(600), "voice.wav", "audio/wav", 500),
    }[kind]
    at = fetched(web, data, name, said)
    with serving(web) as enter:
        profile = tmp_path / "profile"
        task = {"profile": str(profile), "enter": enter, "play": at, "second": second}
        found = drive("evidence.mjs", task)["played"]
    web.close()
    assert found["error"] == "", found
    assert found["moved"] > 0.2
    assert found["began"] >= second - 0.1
    if kind == "sound":
        assert abs(found["duration"] - 600) < 1
        assert {status for status, _ in found["answers"]} == {206}
        assert any(not there.startswith("bytes 0-") for _, there in found["answers"])
    else:
        assert found["wide"] == 64
    assert found["rights"] == {
        "parent": "SecurityError",
        "cookie": "SecurityError",
        "storage": "SecurityError",
        "line": "NetworkError",
        "origin": "null",
    }


def test_browser_keeps_nothing_of_a_file(tmp_path: Path) -> None:
    """Neither its words nor its sound lie in the profile afterwards."""
    web = WebDesk.make(tmp_path / "desk")
    text = fetched(web, f"{MARK}\n".encode() * 100, f"{MARK}.txt", "text/plain", "text")
    voice = sound(3)
    marked = voice + MARK.encode() * 5000
    heard = fetched(web, marked, "voice.wav", "audio/wav", "voice")
    profile = tmp_path / "profile"
    with serving(web) as enter:
        task = {"profile": str(profile), "enter": enter, "pages": [text], "play": heard}
        drive("evidence.mjs", {**task, "second": 1})
    web.close()
    for path in profile.rglob("*"):
        if path.is_file() and not path.is_symlink():
            assert MARK.encode() not in path.read_bytes(), path
