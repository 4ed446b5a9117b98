"""What the tests of this folder share: the programmes, a report, an entry, a canary."""

import json
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from intake.core import programme as programmes
from intake.core import report as reports
from intake.core.entry import Entry, MessageBody, ReportBody
from intake.core.programme import Programme
from intake.core.report import Answer, Report
from intake.errors import IntakeError
from intake.paths import shipped
from tests.support.programmes import small

CANARY = "canarywordofaperson"
"""What a person wrote: no error may hold it."""

SMALL = small()
DEFAULT_TEXT = shipped("programmes/default.toml").read_text(encoding="utf-8")
VECTORS = Path(__file__).parent.parent / "vectors"
DEEP = 100_000
"""Brackets that overflow a parser that calls itself."""


def default() -> Programme:
    """Return the programme that ships with us."""
    return programmes.parse(DEFAULT_TEXT, "default.toml")


def vectors(name: str) -> Any:  # noqa: ANN401 - the vectors are plain JSON
    """Return a file of shared vectors."""
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


def filed() -> Report:
    """Return a report to the small programme, with an answer of each kind."""
    answers: dict[str, Answer] = {
        "account": "They took her.",
        "place": "bridge",
        "agency": ("border", "police"),
        "custody": "yes",
        "child": "declined",
    }
    return reports.make(answers, SMALL, "es")


def told() -> Entry:
    """Return the entry of a report."""
    body = ReportBody({"account": "They took her."}, "", "", (), "es", "2a" * 32, b"", False, "1")  # noqa: FBT003
    names = {"case": "0c" * 16, "id": "1e" * 16, "office": "inv", "programme": "small"}
    return Entry(
        body=body,
        date="2026-11-24-06:00",
        direction="in",
        format="intake/entry/v1",
        kind="report",
        mac="",
        seen=(),
        **names,
    )


def said(text: str) -> Entry:
    """Return the entry of a message."""
    return Entry(
        body=MessageBody((), text),
        case="0c" * 16,
        date="2026-11-24-06:00",
        direction="in",
        format="intake/entry/v1",
        id="2f" * 16,
        kind="message",
        mac="ab" * 32,
        office="inv",
        programme="small",
        seen=("1e" * 16,),
    )


def assert_silent(call: Callable[[], object], error: type[IntakeError]) -> None:
    """Assert that the call raises `error`, whose text, causes and traceback hide the canary."""
    with pytest.raises(error) as caught:
        call()
    shown = "".join(traceback.format_exception(caught.value))
    assert CANARY not in shown
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
