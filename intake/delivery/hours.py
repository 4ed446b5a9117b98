"""When mail is sent, and when it is tried again. Pure: moments and randomness are passed in."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

MOST_TRIES = 16
"""About five days, with the waits below: a mail server that is down over a long weekend loses
nothing. Counted, not measured: a clock that jumps forwards ends nothing."""

_FIRST_WAIT = 60
_LONGEST_WAIT = 86_400
"""Seconds; a day, since whoever mends a mailbox tells the operator, who can retry at once."""


def last(hours: Sequence[time], zone: ZoneInfo, now: int) -> int:
    """Return the last fixed hour at or before `now`, both in seconds since 1970.

    An hour that a change of the clock leaves out is taken where it would have been, one that comes
    twice at its first.
    """
    today = datetime.fromtimestamp(now, zone).date()
    days = [today + timedelta(days=number) for number in (-2, -1, 0, 1)]
    moments = [datetime.combine(day, hour, zone).timestamp() for day in days for hour in hours]
    return int(max(moment for moment in moments if moment <= now))


def wait(tries: int, random: int) -> int:
    """Return how many seconds to wait after so many tries, at least one.

    Doubled each time, up to a day; `random`, a byte, moves it by up to a quarter either way, so
    that what failed together does not come back together.
    """
    seconds = min(_FIRST_WAIT << min(tries - 1, 16), _LONGEST_WAIT)
    return seconds * (768 + 2 * random) // 1024


def moment(now: int) -> datetime:
    """Return a moment in UTC, for the head of a mail: the machine's own zone is nobody's matter."""
    return datetime.fromtimestamp(now, UTC)
