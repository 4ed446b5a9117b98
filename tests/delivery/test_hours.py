"""Fixed hours and waits."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from intake.delivery import hours

TWICE = (time(9), time(17))
MADRID = ZoneInfo("Europe/Madrid")


def seconds(text: str) -> int:
    """Return a moment of UTC in seconds since 1970."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def test_hour_is_the_last_one_in_its_zone() -> None:
    """At the hour itself, a second before it, and in the night before the first."""
    zone = ZoneInfo("America/Tijuana")  # eight hours behind in winter
    morning, evening = seconds("2026-11-24T17:00"), seconds("2026-11-25T01:00")
    assert hours.last(TWICE, zone, morning) == morning
    assert hours.last(TWICE, zone, evening - 1) == morning
    assert hours.last(TWICE, zone, evening) == evening
    assert hours.last(TWICE, zone, morning - 1) == evening - 86_400


@given(st.integers(0, 4_000_000_000), st.integers(1, 86_400))
def test_hours_only_go_forwards(now: int, step: int) -> None:
    """Also over the changes of a zone's clock."""
    for zone in (MADRID, ZoneInfo("Pacific/Apia"), ZoneInfo("UTC")):
        one = hours.last(TWICE, zone, now)
        assert one <= now < one + 3 * 86_400
        assert hours.last(TWICE, zone, now + step) >= one
        assert hours.last(TWICE, zone, one) == one


def test_hour_that_a_clock_leaves_out_or_repeats_comes_once() -> None:
    """On 29 March 2026 Madrid has no 02:30, on 25 October two."""
    night = (time(2, 30),)
    for day in ("2026-03-29", "2026-10-25"):
        start = seconds(f"{day}T00:00")
        found = {hours.last(night, MADRID, start + minute * 60) for minute in range(-60, 600)}
        assert len(found) == 2


@given(st.integers(1, 10_000), st.integers(0, 255))
def test_wait_is_bounded(tries: int, random: int) -> None:
    """At least most of a minute, at most a day and a quarter."""
    assert 45 <= hours.wait(tries, random) <= 108_000


def test_waits_double() -> None:
    """Up to a day."""
    assert [hours.wait(tries, 128) for tries in (1, 2, 3, 12, 13)] == [
        60, 120, 240, 86_400, 86_400,
    ]  # fmt: skip


def test_what_failed_together_does_not_come_back_together() -> None:
    """A quarter either way, and no more."""
    assert [hours.wait(1, random) for random in (0, 128, 255)] == [45, 60, 74]
