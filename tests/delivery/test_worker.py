"""The worker with a real mail server: what arrives, when, and what nobody can learn from it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from itertools import pairwise

import pytest

from intake.delivery import hours
from intake.delivery.sender import Line
from intake.errors import DeliveryError, StoreError
from intake.store.cases import Addition, Cases
from intake.store.records import Records
from tests.delivery.post import DAY, DAYS, HOUR, MINUTE, MORNING, Post
from tests.store.samples import SEALED, entry
from tests.support.mail import MailServer

EVENING = MORNING + 8 * HOUR


def begin(post: Post) -> None:
    """Let the worker see its first hour, which it only notes."""
    post.at(MORNING - HOUR)


def without_moment(data: bytes) -> bytes:
    """Return a mail without its date and its own id."""
    return re.sub(rb"^(Date|Message-ID): .*\r\n", b"", data, flags=re.MULTILINE)


def test_notice_is_the_same_for_one_report_and_for_fifty(post: Post, server: MailServer) -> None:
    """Byte by byte, but for date and id; it names no case, entry, day or number."""
    begin(post)
    post.file(1, "inv")
    post.at(MORNING)
    for number in range(2, 52):
        post.file(number, "inv")
    post.at(EVENING)
    first, second = server.mails
    assert first.recipient == second.recipient == "inv@office.example"
    assert without_moment(first.data) == without_moment(second.data)
    assert len(first.data) == len(second.data)
    said = first.mail.get_content()
    assert "intake open --server https://reports.example.org --office inv" in said.replace("\n", "")
    head = [value for name, value in first.mail.items() if name not in ("Date", "Message-ID")]
    for kept in (entry(1), f"{1:032x}", "2026", "24"):
        assert kept not in said + " ".join(head)
    assert post.outbox.all() == ()


def test_nothing_is_mailed_between_fixed_hours(post: Post, server: MailServer) -> None:
    """What comes a minute after the hour waits for the next, whether or not the hour had mail."""
    begin(post)
    post.at(MORNING)
    post.file(1, "inv", "det")
    for minute in range(1, 8 * 60, 60):
        post.at(MORNING + minute * MINUTE)
    assert server.mails == []
    post.at(EVENING)
    assert len(server.mails) == 2


def test_office_that_was_told_is_told_again_only_of_more(post: Post, server: MailServer) -> None:
    """A notice is not repeated for what it was about, nor sent for what was fetched since."""
    begin(post)
    post.file(1, "inv")
    post.at(MORNING)
    post.at(EVENING)
    assert len(server.mails) == 1
    post.file(2, "inv")
    Records(post.database).fetch("inv", entry(2), DAY)
    post.at(MORNING + DAYS)
    assert len(server.mails) == 1
    post.file(3, "inv")
    post.at(EVENING + DAYS)
    assert len(server.mails) == 2


def test_notice_that_is_always_sent_tells_nothing_by_coming(post: Post, server: MailServer) -> None:
    """With and without something to fetch, at each hour, the same bytes."""
    post.change("inv", always=True)
    begin(post)
    post.at(MORNING)
    post.file(1, "inv")
    post.at(EVENING)
    empty, full = server.mails
    assert without_moment(empty.data) == without_moment(full.data)


def test_first_start_mails_nothing_at_its_own_time(post: Post, server: MailServer) -> None:
    """Nor does a start after a pause mail more than one notice."""
    post.file(1, "inv")
    post.at(MORNING + HOUR)
    assert server.mails == []
    post.at(EVENING + 5 * DAYS + HOUR)
    assert [one.recipient for one in server.mails].count("inv@office.example") == 1


def attachments(mail: EmailMessage) -> dict[str, bytes]:
    """Return what is attached, by name."""
    found = {}
    for part in mail.iter_attachments():
        content = part.get_content()
        assert isinstance(content, bytes)
        found[part.get_filename() or ""] = content
    return found


def test_entry_is_attached_whole_and_noted_as_fetched(post: Post, server: MailServer) -> None:
    """One mail for each, named by its random id alone; the case's id stands nowhere."""
    begin(post)
    post.file(7, "inv", "det")
    assert post.fetched("det") == [None]
    post.at(MORNING)
    (found,) = [one for one in server.mails if one.recipient == "det@other.example"]
    name = entry(7, 1)
    assert attachments(found.mail) == {f"{name}.age": SEALED.header.value + SEALED.payload}
    assert f"{7:032x}".encode() not in found.data
    assert post.fetched("det") == ["2026-11-24"]
    assert post.fetched("inv") == [None]
    post.at(EVENING)
    assert len(server.mails) == 2


def test_entry_of_a_case_deleted_meanwhile_is_not_sent(post: Post, server: MailServer) -> None:
    """Planned while the mail server was down, deleted by the witness, gone when it is back."""
    begin(post)
    made = post.file(1, "det")
    post.dial_to(1)
    post.at(MORNING)
    assert [row.kind for row in post.outbox.all()] == ["entry"]
    notice = Addition(f"{9:032x}", made.mailbox_hash, b"d" * 32, DAY, ())
    Cases(post.database).ask_deletion(notice, DAY)
    assert Cases(post.database).purge(DAY) == 1
    post.dial_to(server.port)
    post.at(MORNING + DAYS)
    assert server.mails == []
    assert post.outbox.all() == ()


def test_withdrawal_while_a_mail_is_on_its_way_is_told_the_truth(
    post: Post, server: MailServer
) -> None:
    """The server has the mail, and the worker does not know yet: it counts as fetched."""
    begin(post)
    made = post.file(1, "det")

    def withdraw() -> str:
        notice = Addition(f"{9:032x}", made.mailbox_hash, b"d" * 32, DAY, ())
        was_read = Cases(post.database).withdraw(notice, (), [entry(1)], frozenset())
        return "250 OK" if was_read else "550 taken for unread"

    server.at_data = withdraw
    post.at(MORNING)
    assert len(server.mails) == 1
    assert post.outbox.all() == ()


def test_refused_entry_is_unread_again(post: Post, server: MailServer) -> None:
    """A server that surely did not take it leaves the witness no wrong “fetched”."""
    begin(post)
    post.file(1, "det")
    server.at_data = lambda: "550 no"
    post.at(MORNING)
    assert post.fetched("det") == [None]
    (row,) = post.outbox.all()
    assert (row.error, row.attempts, row.dead) == ("refused", 1, False)


def test_broken_mailbox_holds_up_no_other(post: Post, server: MailServer) -> None:
    """One office's address is refused for days; the other office gets everything in time."""
    begin(post)
    server.refused["det@other.example"] = "550 no such mailbox"
    for number in range(5):
        post.file(number, "det", "inv")
        post.at(MORNING + number * DAYS)
    assert [one.recipient for one in server.mails if one.recipient.startswith("inv")] == [
        "inv@office.example"
    ] * 5
    assert {row.error for row in post.outbox.all()} == {"recipient"}
    del server.refused["det@other.example"]
    post.at(MORNING + 7 * DAYS)
    assert len([one for one in server.mails if one.recipient == "det@other.example"]) == 5


def test_line_that_breaks_with_one_office_leaves_the_others_theirs(
    post: Post, server: MailServer
) -> None:
    """The server hangs up on its first entry; its second has its turn at the next pass."""
    begin(post)
    for number in range(2):
        post.file(number, "det", "inv")
    calls = []

    def leave() -> str:
        calls.append(len(server.mails))
        return "" if len(calls) == 1 else "250 OK"

    server.at_data = leave
    post.at(MORNING)
    assert {(row.attempts, row.error) for row in post.outbox.all()} == {(0, ""), (1, "broken")}
    assert sorted(map(str, post.fetched("det"))) == ["2026-11-24", "None"]
    assert server.mails[-1].recipient == "inv@office.example"
    post.at(MORNING + 30)
    assert [row.attempts for row in post.outbox.all()] == [1]
    post.at(MORNING + 2 * MINUTE)
    assert post.outbox.all() == ()


def test_tries_wait_longer_and_longer_and_end(post: Post, server: MailServer) -> None:
    """A day at most between two, five days in all; then the mail is dead, listed, and no more."""
    post.change("inv", unfetched_days=0)
    begin(post)
    post.file(1, "inv")
    server.refused["inv@office.example"] = "450 later"
    tried = []
    now = MORNING
    while not any(row.dead for row in post.outbox.all()):
        tried.append(now)
        post.at(now - 1)
        post.at(now)
        now = post.outbox.all()[0].next_try
    (row,) = post.outbox.all()
    assert (row.dead, row.attempts, row.error) == (True, hours.MOST_TRIES, "later")
    assert len(tried) == hours.MOST_TRIES
    post.at(now)
    assert post.outbox.all() == (row,)
    waits = [after - before for before, after in pairwise(tried)]
    assert waits == sorted(waits)
    assert waits[0] < 2 * MINUTE
    assert waits[-1] <= 1.25 * DAYS
    assert 4 * DAYS < tried[-1] - MORNING < 7 * DAYS


def test_mail_server_that_is_down_is_asked_once_in_a_pass(post: Post) -> None:
    """Not once for each mail: a wrong password would lock us out."""
    begin(post)
    for number in range(5):
        post.file(number, "inv", "det")
    dialled = []

    @contextmanager
    def dial() -> Iterator[Line]:
        dialled.append(post.now)
        raise DeliveryError("login")
        yield

    post.dial = dial
    post.at(MORNING)
    assert dialled == [MORNING]
    assert {row.attempts for row in post.outbox.all()} == {1}
    post.at(MORNING + 30)
    assert dialled == [MORNING]
    post.at(MORNING + 2 * MINUTE)
    assert len(dialled) == 2


def test_nothing_is_lost_where_the_server_is_down_for_a_weekend(
    post: Post, server: MailServer
) -> None:
    """One notice and every entry, once each, when it is back."""
    begin(post)
    post.dial_to(1)
    for number in range(4):
        post.file(number, "inv", "det")
        for hour in range(0, 24, 4):
            post.at(MORNING + number * DAYS + hour * HOUR)
    post.dial_to(server.port)
    post.at(MORNING + 4 * DAYS + 23 * HOUR)
    post.at(MORNING + 5 * DAYS + 23 * HOUR)
    sent = [one.recipient for one in server.mails]
    assert sent.count("inv@office.example") == 1
    assert sent.count("det@other.example") == 4
    assert len({one.mail["Message-ID"] for one in server.mails}) == len(server.mails)


def test_others_are_told_of_what_nobody_fetches(post: Post, server: MailServer) -> None:
    """After three days to the second reader and the operator, then each week, without content."""
    begin(post)
    post.file(1, "inv")
    for day in range(12):
        for hour in (MORNING, EVENING):
            post.at(hour + day * DAYS)
    told = [one for one in server.mails if one.recipient != "inv@office.example"]
    for week in (told[:2], told[2:]):
        assert {one.recipient for one in week} == {
            "second@office.example",
            "operator@reports.example.org",
        }
    days = [one.mail["Date"].datetime.day for one in told]
    assert days == [27, 27, 4, 4]
    said = told[0].mail.get_content()
    assert "Own investigators" in said
    assert entry(1) not in said
    Records(post.database).fetch("inv", entry(1), DAY)
    for day in range(12, 30):
        post.at(MORNING + day * DAYS)
    assert len([one for one in server.mails if one.recipient != "inv@office.example"]) == 4


def test_urgent_report_is_told_at_once_and_later_to_a_second_reader(
    post: Post, server: MailServer
) -> None:
    """Each once, and not again at the next hour; another report waits for the hour."""
    post.change("inv", urgent=True, urgent_hours=4)
    begin(post)
    post.at(MORNING)
    post.file(1, "inv")
    post.file(2, "inv", urgent=True)
    post.at(MORNING + MINUTE)
    post.at(MORNING + 2 * MINUTE)
    (told,) = server.mails
    assert (told.recipient, told.mail["Subject"]) == (
        "inv@office.example", "Urgent: something to fetch",
    )  # fmt: skip
    assert entry(2) not in told.mail.get_content()
    post.at(MORNING + 4 * HOUR)
    assert len(server.mails) == 1
    post.at(MORNING + 4 * HOUR + MINUTE)
    post.at(MORNING + 7 * HOUR)
    assert [one.recipient for one in server.mails[1:]] == ["second@office.example"]
    assert "nobody has fetched it" in server.mails[1].mail.get_content()
    post.at(EVENING)
    assert [one.mail["Subject"] for one in server.mails[2:]] == ["Something to fetch"]


def test_urgent_report_is_attached_at_once(post: Post, server: MailServer) -> None:
    """To an office without a desk; only where its settings say so."""
    begin(post)
    post.at(MORNING)
    post.file(1, "det", "inv", urgent=True)
    post.at(MORNING + MINUTE)
    assert server.mails == []
    post.file(2, "det", urgent=True)
    post.change("det", urgent=True)
    post.at(MORNING + 2 * MINUTE)
    assert sorted(name for one in server.mails for name in attachments(one.mail)) == [
        f"{entry(1)}.age", f"{entry(2)}.age",
    ]  # fmt: skip
    post.at(EVENING)
    assert [one.recipient for one in server.mails[2:]] == ["inv@office.example"]


@pytest.mark.parametrize("jump", [-400 * DAYS, -3 * HOUR, 3 * HOUR, 400 * DAYS, 20_000 * DAYS])
def test_clock_that_jumps_causes_no_storm_and_loses_nothing(
    post: Post, server: MailServer, jump: int
) -> None:
    """At most one more notice while it is wrong; two days after it is right, all is announced."""
    post.change("inv", unfetched_days=0)
    begin(post)
    post.file(1, "inv", "det")
    post.at(MORNING)
    for minute in range(30):
        post.at(MORNING + jump + minute * MINUTE)
    while_wrong = len(server.mails)
    assert while_wrong <= 3
    post.file(2, "inv", "det")
    for hour in range(48):
        post.at(MORNING + HOUR + hour * HOUR)
    sent = [one.recipient for one in server.mails]
    assert sent.count("inv@office.example") == 2
    assert sent.count("det@other.example") == 2
    assert post.outbox.all() == ()


def test_try_set_by_a_clock_that_ran_ahead_is_not_waited_for(
    post: Post, server: MailServer
) -> None:
    """The mail server was down while the clock stood in another decade."""
    begin(post)
    post.file(1, "det")
    post.dial_to(1)
    post.at(MORNING + 4000 * DAYS)
    post.dial_to(server.port)
    post.at(MORNING)
    assert len(server.mails) == 1


def test_office_without_an_address_any_more_is_named(post: Post, server: MailServer) -> None:
    """Its mail waits, with the next step, and others go out."""
    begin(post)
    post.file(1, "inv", "det")
    post.dial_to(1)
    post.at(MORNING)
    post.settings.offices.pop("det")  # type: ignore[attr-defined] # taken out of the file
    post.dial_to(server.port)
    post.at(MORNING + 5 * MINUTE)
    assert [one.recipient for one in server.mails] == ["inv@office.example"]
    (row,) = post.outbox.all()
    assert (row.office, row.error) == ("det", "no_address")


def test_mail_that_ends_the_worker_each_time_dies(post: Post, server: MailServer) -> None:
    """A try is counted before it is made."""
    begin(post)
    post.file(1, "det")

    class Crashing(Line):
        def send(self, *_: object) -> None:
            raise KeyboardInterrupt

    @contextmanager
    def opened() -> Iterator[Line]:
        yield Crashing.__new__(Crashing)

    post.dial = opened
    for day in range(hours.MOST_TRIES):
        with pytest.raises(KeyboardInterrupt):
            post.at(MORNING + 2 * day * DAYS)
    post.at(MORNING + 100 * DAYS)
    (row,) = post.outbox.all()
    assert (row.dead, row.error) == (True, "ended")
    assert server.mails == []


def test_log_names_no_address(
    post: Post, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor what a server said."""
    caplog.set_level("INFO")
    begin(post)
    post.file(1, "inv", "det")
    server.refused["det@other.example"] = "550 Maria is not here"
    post.at(MORNING)
    ours = [one.getMessage() for one in caplog.records if one.name.startswith("intake")]
    said = "\n".join(ours)
    assert "event=mail_sent kind=notice office=inv" in said
    assert "error=recipient" in said
    for secret in ("@", "Maria", "example", "correct-horse"):
        assert secret not in said


def test_store_that_fails_ends_a_pass_and_not_the_worker(post: Post) -> None:
    """It is tried again a minute later."""
    seen: list[float] = []

    class Stop:
        def is_set(self) -> bool:
            return len(seen) > 2

        def wait(self, seconds: float) -> bool:
            seen.append(seconds)
            return True

    class Full:
        def sweep(self) -> None:
            raise StoreError("the disk is full")

    worker = post.worker
    object.__setattr__(worker, "outbox", Full())
    worker.run(Stop())  # type: ignore[arg-type] # what an Event offers
    assert seen == [60, 60, 60]
