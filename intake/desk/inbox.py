"""Triage: what is new, what is due, what was found, what was set aside. Fifty rows at a time."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from flask import Response, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from intake.core import canonical, limits
from intake.core.plain import inline
from intake.core.work import STATUSES
from intake.desk.services import render, services, unlocked
from intake.errors import ConfigError
from intake.vault import lists
from intake.vault.lists import FILTERS, PAGE, Case, Wanted
from intake.vault.schema import NEVER

MARKS = {
    "urgent": "Urgent",
    "child": "A child",
    "custody": "In custody",
    "overdue": "Overdue",
    "lost": "Contact lost?",
    "open": "Not closed",
}
"""Labels of the filters."""

CLOCKS = {"acknowledge": "acknowledge", "feedback": "tell what was done", "limit": "too late after"}
"""What is due, in words that stand before a date."""

_NAMES = ("status", "assigned", "language", "tag")


@dataclass(frozen=True, repr=False)
class Asked:
    """What an address of the inbox asks for: a filter, an order, a place to go on from."""

    wanted: Wanted
    by_due: bool
    before: int
    after: tuple[str, int]

    @classmethod
    def of(cls, query: MultiDict[str, str]) -> "Asked":
        """Read an address; what it does not know counts for nothing."""
        marks = tuple(mark for mark in FILTERS if query.get(mark))
        values = {name: query.get(name, "")[: limits.LINE_CHARACTERS] for name in _NAMES}
        day, _, place = query.get("after", "").partition(" ")
        return cls(
            Wanted(marks, **values),
            query.get("order") == "due",
            _number(query.get("before", ""), lists.END),
            (day, _number(place, 0)),
        )

    def query(self) -> str:
        """Return the filter and order as an address has them, without the place."""
        named: list[tuple[str, str]] = [(mark, "1") for mark in self.wanted.marks]
        named += [(name, value) for name in _NAMES if (value := getattr(self.wanted, name))]
        return urlencode([*named, *([("order", "due")] if self.by_due else [])])

    def next(self, found: list[Case]) -> str:
        """Return the address of the next page, empty where there is none."""
        if len(found) < PAGE:
            return ""
        last = found[-1]
        place = {"after": f"{last.due} {last.place}"} if self.by_due else {"before": last.place}
        return f"/?{'&'.join(part for part in (self.query(), urlencode(place)) if part)}"


def inbox() -> str:
    """Show the cases that are wanted, newest or most urgently due first."""
    asked, today = Asked.of(request.args), services().today()
    with unlocked() as (opened, _):
        base = opened.database
        found = (
            lists.due(base, today, asked.wanted, asked.after)
            if asked.by_due
            else lists.page(base, today, asked.wanted, asked.before)
        )
        choices = {
            "status": list(STATUSES),
            "assigned": lists.people(base),
            "language": lists.languages(base),
            "tag": lists.tags(base),
        }
        saved = lists.searches(base)
    return render(
        "inbox.html",
        cases=found,
        asked=asked,
        next=asked.next(found),
        today=today,
        choices=choices,
        saved=saved,
        marks=MARKS,
        clocks=CLOCKS,
        statuses=STATUSES,
        never=NEVER,
    )


def save() -> ResponseReturnValue:
    """Keep a filter or a search under a name, or let one go."""
    name = inline(request.form.get("name", "")).strip()[: limits.LINE_CHARACTERS]
    query = request.form.get("query", "")
    if not name:
        raise ConfigError("a saved search needs a name, type one")
    # Only what the desk itself writes into an address is kept.
    kept = urlencode(parse_qsl(query)) if request.form.get("keep") else ""
    with unlocked() as (opened, _):
        lists.save_search(opened.database, name, kept)
    return redirect(f"/?{kept}" if kept else "/", 303)


def search() -> str:
    """Show the entries that hold all words, newest first."""
    typed = request.args.get("q", "")
    with unlocked() as (opened, _):
        found = lists.search(opened.database, typed, _before())
    more = urlencode([("q", typed), ("before", found[-1].place)]) if len(found) == PAGE else ""
    return render("search.html", typed=typed, hits=found, next=f"/search?{more}" if more else "")


def as_typed() -> Response:
    """Return the first page of a search as JSON, for the script."""
    with unlocked() as (opened, _):
        found = lists.search(opened.database, request.args.get("q", ""))
    rows = [[hit.case, hit.day, hit.kind, inline(hit.title)] for hit in found]
    return Response(canonical.encode(rows), mimetype="application/json")


def aside() -> str:
    """Show what was set aside or could not be fetched, and why."""
    with unlocked() as (opened, _):
        found = lists.aside(opened.database, _before())
    more = f"/aside?before={found[-1].place}" if len(found) == PAGE else ""
    return render("aside.html", rows=found, next=more)


def syncing() -> str:
    """Show how syncing stands."""
    return render("sync.html")


def sync() -> ResponseReturnValue:
    """Start syncing."""
    services().syncing.start()
    return redirect("/sync", 303)


def _before() -> int:
    return _number(request.args.get("before", ""), lists.END)


def _number(text: str, otherwise: int) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(lists.END))
    return min(int(text), lists.END) if is_number else otherwise
