"""An account by voice, in Chromium with its false microphone: recorded, heard, changed, used."""

import os
from collections.abc import Callable
from typing import Any

import pytest

from tests.browserpage.pages import FAKE_MICROPHONE, look

# Minutes of a browser: in make check-all.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

Record = Callable[..., Any]


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Return what was seen of one act."""

    def one(act: str, *flags: str, part: str = "recorder", **task: object) -> Any:  # noqa: ANN401 - JSON
        folder = tmp_path_factory.mktemp(act)
        return look("recorder.mjs", part, folder, act=act, flags=flags, **task)

    return one


@pytest.fixture(scope="module")
def seen(record: Record) -> Any:  # noqa: ANN401 - JSON
    """Record, discard, record again, change, use. INTAKE_PICTURES names a folder for pictures."""
    return record("whole", *FAKE_MICROPHONE, pictures=os.environ.get("INTAKE_PICTURES", ""))


def test_microphone_is_on_only_while_recording(seen: dict[str, Any]) -> None:
    """It is asked for at Record, and off at once after Stop."""
    assert seen["canRecord"] is True
    assert seen["live"] == [1, 0]


def test_recording_is_heard_from_beginning_to_end(seen: dict[str, Any]) -> None:
    """The player knows how long it is, which the file does not say, and offers no copy of it."""
    assert seen["heard"]["error"] is None
    assert seen["heard"]["duration"] is not None
    assert seen["heard"]["offers"] == "nodownload noremoteplayback"
    assert 1.5 < seen["heard"]["duration"] < 6


def test_controls_are_those_of_the_state_and_the_focus_goes_with_them(
    seen: dict[str, Any],
) -> None:
    """One group of controls at a time; each change is said."""
    running, ready = ["Pause", "Stop"], ["Use this", "Discard it"]
    expected = {
        "first": ("body", "", ["Record"]),
        "recording": ("Stop", "Recording.", running),
        "recorded": ("audio", "Recorded. Listen to it before you use it.", ready),
        "discarded": ("Record", "Discarded.", ["Record"]),
        "paused": ("Go on", "Paused.", ["Go on", "Stop"]),
        "changed": ("input", "Your voice is changed. Listen to it before you use it.", ready),
        "used": ("Record", "Added to your report.", ["Record"]),
    }
    found = seen["states"]
    assert {
        name: (found[name]["focus"], found[name]["status"], found[name]["buttons"])
        for name in expected
    } == expected


def test_pause_does_not_count(seen: dict[str, Any]) -> None:
    """Neither on the clock nor in the file: 2.2 s were recorded, and 1.5 s more went by."""
    before, after = seen["held"]
    assert before == after
    assert 1.5 < seen["changed"]["seconds"] < 3.7


def test_changed_voice_is_made_once_and_handed_over(seen: dict[str, Any]) -> None:
    """As a WAV file; while it is made there is nothing to use."""
    file = seen["changed"]
    assert seen["hurried"] is True
    assert seen["durations"][0] == seen["durations"][1]
    assert (file["count"], file["name"], file["type"]) == (1, "voice.wav", "audio/wav")
    assert file["head"].startswith("RIFF")
    assert file["size"] == pytest.approx(44 + 48_000 * file["seconds"], abs=2)
    assert 0.05 < file["loudest"] < 1


def test_unchanged_voice_is_small_and_tells_no_time(seen: dict[str, Any]) -> None:
    """What the browser records, under a name and date that say nothing; changing is off again."""
    file = seen["plain"]
    assert seen["checked"] is False
    assert (file["count"], file["name"], file["type"]) == (2, "voice.webm", "audio/webm")
    assert file["date"] == seen["changed"]["date"] == 0
    assert file["head"].startswith("\x1aE\xdf\xa3")
    assert file["size"] < 48_000 * file["seconds"] / 4
    assert file["loudest"] > 0.05


def test_voice_that_cannot_be_changed_is_not_handed_over_silently(seen: dict[str, Any]) -> None:
    """It is said, and the choice is taken back, so that she decides anew."""
    status = "Your voice could not be changed. This is the recording as it was."
    assert seen["states"]["unchanged"]["status"] == status
    assert seen["unchanged"] == {"checked": False, "files": 2}


def test_nothing_is_kept(seen: dict[str, Any]) -> None:
    """One address while it can be heard, none after Discard, Use and close."""
    assert seen["addresses"] == [1, 0, 0]
    assert seen["closed"] == {"live": 0, "addresses": 0, "files": 2, "place": 0}


def test_axe_and_the_ruler_find_nothing(seen: dict[str, Any]) -> None:
    """In every state, in light and dark; and the headers stopped nothing."""
    assert len(seen["axe"]) == 8
    assert seen["axe"] == {name: [] for name in seen["axe"]}
    assert seen["problems"] == []


def test_microphone_granted_after_closing_is_turned_off(record: Record) -> None:
    """Asked for once, however often Record was pressed."""
    found = record("closed", *FAKE_MICROPHONE)
    assert (found["asked"], found["live"], found["failures"]) == (1, 0, [])


def test_recording_stops_at_the_limit(record: Record) -> None:
    """And says so; who writes elsewhere by then goes on writing."""
    found = record("full", *FAKE_MICROPHONE, part="recorder=2")
    assert found["states"]["full"]["status"].startswith("The time is over.")
    assert found["states"]["full"]["focus"] == "textarea"
    assert 1.5 < found["file"]["seconds"] < 4


def test_time_is_not_said_each_second(record: Record) -> None:
    """A screen reader speaks into the recording: the time is said each minute only."""
    found = record("elapsed", *FAKE_MICROPHONE)
    spoken = {text for text, live in found["polite"][1:] if live == "polite"}
    assert spoken == set()
    assert "0:09" in {text for text, _ in found["polite"]}


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        ((FAKE_MICROPHONE[0], "--deny-permission-prompts"), "denied"),
        ((FAKE_MICROPHONE[1],), "missing"),
    ],
)
def test_refusal_is_said_and_told(record: Record, flags: tuple[str, ...], code: str) -> None:
    """She says no, or there is no microphone: the page goes on, and it can be tried again."""
    found = record("refused", *flags)
    state = found["states"]["refused"]
    assert found["failures"] == [code]
    assert "microphone" in state["status"]
    assert (state["focus"], state["buttons"]) == ("Record", ["Record"])
    assert found["axe"] == {"refused": []}
    assert found["live"] == 0


@pytest.mark.parametrize("lacks", ["no recorder", "no type", "no devices"])
def test_browser_that_cannot_record_is_known(record: Record, lacks: str) -> None:
    """Without asking for anything."""
    assert record("unable", lacks=lacks)["canRecord"] is False
