"""Until when an office answers: days counted from the day of filing. Pure: today is passed in."""

import re
from datetime import date, timedelta

ACKNOWLEDGE_DAYS = 7
"""Directive (EU) 2019/1937, article 9(1)(b): receipt is acknowledged within seven days."""

FEEDBACK_DAYS = 90
"""The same, article 9(1)(f): feedback within three months, counted short."""

_DAY = re.compile(r"(?<![0-9])[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")


def acknowledge_by(filed: date) -> date:
    """Return the last day of an acknowledgement in time."""
    return _after(filed, ACKNOWLEDGE_DAYS)


def feedback_by(filed: date) -> date:
    """Return the last day of an answer on what was done."""
    return _after(filed, FEEDBACK_DAYS)


def day_in(answer: str) -> date | None:
    """Return the first day that an answer names as 2026-11-24; None where a person must read it."""
    for found in _DAY.findall(answer):
        try:
            return date.fromisoformat(found)
        except ValueError:
            continue
    return None


def _after(filed: date, days: int) -> date:
    # A server may name any day: the last of the calendar has none after it.
    return filed + min(timedelta(days=days), date.max - filed)
