"""One case: its report with everything that was added, beside what is done about it.

Rules: what nobody checked stands last and is marked; what is not here is named; a page that is
opened, an answer and a note each leave a link in the custody log.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import redirect, request
from flask.typing import ResponseReturnValue

from intake.core import entry as entries
from intake.core import limits
from intake.core.entry import AdditionBody, Entry, MessageBody, ReportBody
from intake.core.evidence import Evidence
from intake.core.programme import Programme
from intake.core.questions import BY_NAME, GROUPS
from intake.core.reading import Line, Reading, office_name, read
from intake.core.thread import thread
from intake.core.work import STATUSES, Change, Work
from intake.desk import evidence
from intake.desk.inbox import CLOCKS, MARKS
from intake.desk.services import programme_of, render, services, unlocked, writer
from intake.errors import AnswerError, ConfigError, IntakeError
from intake.vault import custody as logs
from intake.vault import facts, lists, records, versions
from intake.vault.lists import Case, Row
from intake.vault.schema import NEVER
from intake.vault.vault import Open
from intake.vault.writing import Writer

_REACH = (
    *("find", "channel", "contact", "trusted", "hours", "contact-language", "say-you-are"),
    "leave-message",
)
_LOST = ("silent-days", "then-tell", "then-allow")
"""Answers of the group "contact": how to reach somebody, and what to do where it fails."""

OWN_WORDS = "own"
"""The choice that stands beside the programme's templates."""


@dataclass(frozen=True, repr=False)
class Shown:
    """One entry on the page."""

    row: Row
    entry: Entry
    reading: Reading
    files: tuple[Evidence, ...]
    office: str

    @property
    def language(self) -> str:
        """What the person wrote in, for the browser; empty where nobody said."""
        body = self.entry.body
        return body.language if isinstance(body, ReportBody | AdditionBody) else ""


@dataclass(frozen=True, repr=False)
class Page:
    """What stands on the page of a case."""

    case: Case | None
    shown: tuple[Shown, ...]
    aside: tuple[Row, ...]
    missing: int
    work: Work
    own: tuple[tuple[str, str], ...]
    reach: tuple[Line, ...]
    lost: tuple[Line, ...]
    unanswerable: str
    language: str
    keeps: tuple[str, ...]


def show(case: str) -> str:
    """Show a case."""
    with unlocked() as (opened, programme):
        page = _page(opened, programme, case)
        _log(opened, case, "shown")
        templates = _templates(programme, page.language)
    entry, _, file = request.args.get("file", "").partition(".")
    return render(
        "case.html",
        **(evidence.beside(entry, file) if file else {"named": None}),
        id=case,
        page=page,
        today=services().today(),
        templates=templates,
        groups=GROUPS,
        statuses=STATUSES,
        marks=MARKS,
        clocks=CLOCKS,
        never=NEVER,
    )


def custody(case: str) -> str:
    """Show the custody log of a case, verified."""
    with unlocked() as (opened, _):
        _known(opened, case)
        found = logs.links(opened.database, case)
        try:
            head, problem = logs.verify(found, case), ""
        except IntakeError as error:
            head, problem = "", str(error)
    return render("custody.html", id=case, links=found, head=head, problem=problem)


def reply(case: str) -> ResponseReturnValue:
    """Answer the witness with a template or in own words, and ask for groups of questions."""
    known = {group.name for group in GROUPS}
    asks = tuple(dict.fromkeys(name for name in request.form.getlist("ask") if name in known))
    chosen = request.form.get("template", OWN_WORDS)
    text = request.form.get("text", "").replace("\r\n", "\n").strip()
    with unlocked() as (opened, programme):
        writes = writer(opened, programme)
        if chosen != OWN_WORDS:
            said = programme.template(chosen, writes.side(case).told.language)
            text = f"{said}\n\n{text}" if text else said
        if not (text or asks):
            raise AnswerError("there is nothing to say yet: write something, or ask for something")
        writes.reply(case, MessageBody(asks, text))
    return _written(case)


def acknowledge(case: str) -> ResponseReturnValue:
    """Tell the witness that her report was opened."""
    with unlocked() as (opened, programme):
        writer(opened, programme).acknowledge(case)
    return _written(case)


def work(case: str) -> ResponseReturnValue:
    """Tell the office what changed: status, reason, assignment, tags, a remark."""
    form = request.form
    with unlocked() as (opened, programme):
        writes = writer(opened, programme)
        before = records.work_of(writes.side(case).entries)
        sets = {
            name: value
            for name in ("status", "assigned", "reason")
            if (value := _line(name)) != getattr(before, name) and name in form
        }
        if sets.get("status") == "closed" and not (sets.get("reason") or before.reason):
            raise ConfigError("say why the case is closed: your colleagues will ask")
        wanted = {tag for tag in map(str.strip, _line("tags").split(",")) if tag}
        tags = dict.fromkeys(sorted(wanted - set(before.tags)), True)
        tags |= {tag: False for tag in before.tags if tag not in wanted}
        text = form.get("text", "").replace("\r\n", "\n").strip()
        if sets or tags or text:
            writes.note(case, Change(sets, tags, text))
    return _written(case)


def own(case: str) -> ResponseReturnValue:
    """Keep a note to oneself, which never leaves this vault."""
    text = request.form.get("text", "").replace("\r\n", "\n").strip()
    if not text:
        raise ConfigError("the note is empty, write something")
    if len(text) > limits.ACCOUNT_CHARACTERS:
        raise ConfigError("the note is too long, keep it in parts")
    with unlocked() as (opened, _):
        _known(opened, case)
        at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
        lists.note(opened.database, case, at, text)
    return redirect(f"/case/{case}#own", 303)


def _written(case: str) -> ResponseReturnValue:
    """Send what was written, where there is a line, and go back to the case."""
    services().syncing.start()
    return redirect(f"/case/{case}#said", 303)


def _page(opened: Open, programme: Programme, case: str) -> Page:
    base = opened.database
    rows = _known(opened, case)
    read_here = {entry.id: (row, entry) for row, entry in lists.opened(base, case)}
    checked = [entry for row, entry in read_here.values() if row.checked == 1]
    unsure = [entry for row, entry in read_here.values() if row.checked != 1]
    # What nobody checked comes last: its own word on the order counts for nothing.
    ordered = [*entries.in_order(checked), *entries.in_order(unsure)]
    known = versions.texts(base)
    shown = tuple(
        _shown(read_here[entry.id][0], entry, _version(entry, programme, known))
        for entry in ordered
    )
    contact = _contact(shown)
    return Page(
        case=lists.find(base, case),
        shown=shown,
        aside=tuple(row for row in rows if row.id not in read_here),
        missing=len({name for names in thread(checked).missing.values() for name in names}),
        work=records.work_of(checked),
        own=tuple(lists.own_notes(base, case)),
        reach=_about(contact, _REACH),
        lost=_about(contact, _LOST),
        unanswerable=_unanswerable(writer(opened, programme), case),
        language=next((e.body.language for e in ordered if isinstance(e.body, ReportBody)), ""),
        keeps=tuple(
            office_name(entry.office, programme)
            for entry in checked
            if isinstance(entry.body, AdditionBody) and entry.body.keeper
        ),
    )


def _shown(row: Row, entry: Entry, programme: Programme) -> Shown:
    files = facts.files(entry)
    return Shown(row, entry, read(entry, programme), files, office_name(entry.office, programme))


def _version(entry: Entry, programme: Programme, known: Mapping[str, str]) -> Programme:
    """Return the version that an entry was answered under, else the desk's own."""
    body = entry.body
    digest = body.digest if isinstance(body, ReportBody | AdditionBody) else ""
    return programme_of(known[digest]) if digest in known else programme


def _contact(shown: Sequence[Shown]) -> tuple[Line, ...]:
    """Return what the person said last about how to reach her."""
    found: tuple[Line, ...] = ()
    for one in shown:
        body = one.entry.body
        if isinstance(body, AdditionBody) and body.group == "contact":
            found = one.reading.parts[0].lines
    return found


def _about(lines: Sequence[Line], names: Sequence[str]) -> tuple[Line, ...]:
    labels = {BY_NAME[name].label for name in names}
    return tuple(line for line in lines if line.label in labels)


def _unanswerable(writes: Writer, case: str) -> str:
    """Return why nobody can be answered here; empty where somebody can."""
    try:
        writes.side(case).way_back()
    except AnswerError as error:
        return str(error)
    return ""


def _templates(programme: Programme, language: str) -> list[tuple[str, str]]:
    return [(one.id, programme.template(one.id, language)) for one in programme.templates]


def _known(opened: Open, case: str) -> list[Row]:
    rows = lists.rows(opened.database, case)
    if not rows:
        raise ConfigError("there is no such case in the vault, look for it in the list")
    return rows


def _log(opened: Open, case: str, what: logs.What) -> None:
    log = logs.Log(opened.database, opened.settings["who"])
    with opened.database.write():
        log.begin([case])
        log.add(case, "", what, services().now())
        log.flush()


def _line(name: str) -> str:
    return " ".join(request.form.get(name, "").split())
