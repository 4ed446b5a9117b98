"""How the site is, told to its operator: each week, and when something new needs a hand."""

from tests.delivery.post import DAYS, HOUR, MORNING, Post
from tests.support.mail import MailServer


def told(server: MailServer) -> list[str]:
    """Return the subjects of the operator's mails so far."""
    mine = [one for one in server.mails if one.recipient == "operator@reports.example.org"]
    return [one.mail["Subject"] for one in mine]


def test_operator_is_told_each_week(post: Post, server: MailServer) -> None:
    """That all is well too: who hears nothing knows nothing."""
    post.bad = {}
    for hour in range(0, 15 * 24, 6):
        post.at(MORNING + hour * HOUR)
    assert told(server) == ["All is well"] * 3
    assert "intake status --all" in server.mails[0].mail.get_content()


def test_what_is_new_is_told_at_once_and_once(post: Post, server: MailServer) -> None:
    """At the next look; what was mended and comes again is new."""
    post.bad = {}
    post.at(MORNING)
    moment = MORNING
    for bad, mails in (
        ({"backup": "last on 2026-11-20, run: intake backup"}, 2),
        ({"backup": "last on 2026-11-20, run: intake backup"}, 2),
        ({"backup": "never", "keys": "one ends"}, 3),
        ({}, 3),
        ({"keys": "one ends"}, 4),
    ):
        post.bad = bad
        moment += 6 * HOUR
        post.at(moment)
        assert len(told(server)) == mails
    assert told(server)[1:] == ["Something needs a hand"] * 3
    assert "backup: last on 2026-11-20" in server.mails[1].mail.get_content()


def test_site_is_not_looked_at_each_minute(post: Post) -> None:
    """A backup's digest is read over: that takes a disk for minutes."""
    looked: list[int] = []

    class Watched(dict[str, str]):
        def __bool__(self) -> bool:
            looked.append(1)
            return False

    post.bad = Watched()
    for minute in range(0, 24 * 60, 20):
        post.at(MORNING + 60 * minute)
    assert len(looked) <= 2 * 4 + 1


def test_clock_that_was_put_back_is_looked_at_anew(post: Post, server: MailServer) -> None:
    """A look in the future must not silence the operator for years."""
    post.bad = {}
    post.at(MORNING + 4000 * DAYS)
    post.at(MORNING)
    post.at(MORNING + 8 * DAYS)
    assert len(told(server)) == 3
