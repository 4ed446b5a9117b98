"""Counts of a limit: by window, dropped when it ended, right under threads, and no thread more."""

import threading
from concurrent.futures import ThreadPoolExecutor

from intake.server.counts import Counts
from tests.support.site import Site

MINUTE = 60


class Clock:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def test_window_begins_with_the_first_and_ends_after_its_time() -> None:
    """Each key has a window of its own; in the next one it counts from none."""
    clock = Clock()
    counts = Counts(clock=clock)
    assert [counts.incr("one", MINUTE), counts.incr("one", MINUTE)] == [1, 2]
    clock.now += MINUTE - 1
    assert [counts.incr("one", MINUTE), counts.incr("other", MINUTE, 5)] == [3, 5]
    assert counts.get_expiry("one") == 1000 + MINUTE
    clock.now += 1
    assert [counts.get("one"), counts.get("other")] == [0, 5]
    assert counts.incr("one", MINUTE) == 1


def test_what_ended_is_dropped_with_the_next_request() -> None:
    """A flood of addresses fills no memory for ever."""
    clock = Clock()
    counts = Counts(clock=clock)
    for number in range(1000):
        counts.incr(f"address {number}", MINUTE)
    clock.now += MINUTE
    counts.incr("next", MINUTE)
    assert counts.reset() == 1


def test_threads_lose_no_count() -> None:
    """Every one of them gets a number of its own."""
    counts = Counts()
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: counts.incr("one", MINUTE), range(4000)))
    assert sorted(found) == list(range(1, 4001))


def test_request_starts_no_thread(site: Site) -> None:
    """The store of `limits` started one for nearly each, in the way of all others."""
    before = threading.active_count()
    for _ in range(20):
        assert site.client.post("/en/", data={}).status_code < 500
        assert threading.active_count() == before
