"""Another voice: measured where every step is known, and in Chromium as the page makes it."""

import base64
import wave
from io import BytesIO
from itertools import chain, pairwise
from typing import Any

import pytest

from tests.browsercore import scripts
from tests.browserpage.pages import look

STEPS = (-5, -3, 3, 5)
VOICES = (85, 120, 220, 300)
SHORT = (0, 1, 479, 959, 960, 961, 1440)
TASK = {
    "steps": STEPS,
    "pitches": VOICES,
    "randoms": [
        [side, part, *([255, 0] * 100), *range(56)] for side in (0, 1) for part in (0, 128, 255)
    ],
    "odd": [
        *({"length": length, "value": 0.5} for length in SHORT),
        {"length": 24_000, "value": 0},
        {"length": 24_000, "value": 30},
        {"length": 24_000, "value": None},
    ],
}


@pytest.fixture(scope="module")
def measured() -> Any:  # noqa: ANN401 - JSON
    """Measure in Node."""
    return scripts.run("../browserpage/pitchinnode.mjs", TASK)


def test_pitch_moves_by_the_step_for_low_and_high_voices(measured: dict[str, Any]) -> None:
    """Within 2 %, all along."""
    found = list(chain.from_iterable(measured["steps"]))
    assert len(found) == len(STEPS) * len(VOICES)
    for one in found:
        assert len(one["pitch"]) == 5
        assert one["pitch"] == pytest.approx([1] * 5, rel=0.02)


def test_sound_of_throat_and_mouth_moves_with_it(measured: dict[str, Any]) -> None:
    """Or people would know the voice in another pitch; where it stayed, 16 % would be missing."""
    for one in chain.from_iterable(measured["steps"]):
        assert one["resonance"] == pytest.approx(1, rel=0.1)


def test_length_stays_and_nothing_is_cut_off_at_the_top(measured: dict[str, Any]) -> None:
    """A voice as loud as the file allows comes out a little lower."""
    for one in chain.from_iterable(measured["steps"]):
        assert one["length"] == 1
        assert 20_000 < one["loudest"] < 32_767


def test_ratio_is_three_to_five_semitones_and_wavers(measured: dict[str, Any]) -> None:
    """Up or down, and never the same for long."""
    middles = [3, 4, 5, -3, -4, -5]
    for middle, ratios in zip(middles, measured["ratios"], strict=True):
        off = [ratio - middle for ratio in ratios]
        assert max(off) == pytest.approx(0.4, abs=0.01)
        assert min(off) == pytest.approx(-0.4, abs=0.01)
        assert max(abs(b - a) for a, b in pairwise(off)) < 0.05


def test_odd_recordings_come_back_as_long_and_never_loud(measured: dict[str, Any]) -> None:
    """Nothing, a few samples, silence, far too loud, no numbers at all."""
    lengths = [length for length, _ in measured["odd"]]
    assert lengths == [*SHORT, 24_000, 24_000, 24_000]
    *_, silent, loud, none = [highest for _, highest in measured["odd"]]
    assert silent == none == 0
    assert 29_000 < loud < 32_767


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401 - JSON
    """Change voices in Chromium."""
    return look("pitch.mjs", "none", tmp_path_factory.mktemp("pitch"), times=6)


@pytest.mark.browser
def test_ten_seconds_are_changed_in_less_than_two(seen: dict[str, Any]) -> None:
    """A witness waits for it."""
    assert min(one["ms"] for one in seen["changed"]) < 2000


@pytest.mark.browser
def test_what_comes_out_is_a_wav_file_of_another_voice(seen: dict[str, Any]) -> None:
    """3 to 5 semitones away, each time another step, as long within 2 %, and not cut off."""
    for one in [*seen["changed"], seen["stereo"]]:
        middle = one["semitones"][len(one["semitones"]) // 2]
        assert 2.5 < abs(middle) < 5.5
        assert one["type"] == "audio/wav"
        assert 20_000 < one["loudest"] < 32_767
    steps = {round(one["semitones"][0], 1) for one in seen["changed"]}
    assert len(steps) > 2
    for one in seen["changed"]:
        assert one["seconds"] == pytest.approx(10, rel=0.02)


@pytest.mark.browser
def test_header_is_read_by_an_independent_reader(seen: dict[str, Any]) -> None:
    """Python's own, by the header's word for the length."""
    one = seen["changed"][0]
    frames = round(one["seconds"] * 24_000)
    data = base64.b64decode(one["head"]) + bytes(2 * frames)
    with wave.open(BytesIO(data)) as file:
        assert file.getparams()[:4] == (1, 2, 24_000, frames)


@pytest.mark.browser
def test_what_is_no_recording_is_refused(seen: dict[str, Any]) -> None:
    """With a named error, so that the page never hands over something half changed."""
    texts = {
        "the recording cannot be read, use it unchanged or record again",
        "the recording is empty, record again",
    }
    assert len(seen["refused"]) == 6
    for name, answer in seen["refused"].items():
        assert answer.get("error") in texts, name
