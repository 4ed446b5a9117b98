"""What the command line prints of an entry: nothing that could steer a terminal."""

from collections.abc import Iterator

from intake.core.entry import Entry
from intake.core.plain import inline, printable
from intake.core.programme import Programme
from intake.core.reading import Part, office_name, read


def entry_lines(entry: Entry, programme: Programme) -> Iterator[str]:
    """Yield an opened entry as a person reads it, line by line."""
    yield f"Case {entry.case}, {entry.kind} {entry.id}"
    yield f"Written {entry.date}, for {inline(office_name(entry.office, programme))}"
    laid = read(entry, programme)
    if laid.title:
        yield inline(laid.title)
    yield from map(inline, laid.notices)
    for part in laid.parts:
        yield from _part(part)
    for label in laid.asks:
        yield f"Asks for: {inline(label)}"


def _part(part: Part) -> Iterator[str]:
    if part.title:
        yield ""
        yield f"--- {part.title} ---"
    for line in part.lines:
        yield ""
        if line.label:
            yield f"{'! ' if line.clock else ''}{inline(line.label)}"
        for text in line.texts:
            yield from (f"  {printable(piece)}" for piece in text.splitlines())
        if not line.texts:
            yield "  (not asked)"
    if part.unasked:
        yield ""
        yield f"Not asked: {'; '.join(part.unasked)}"
