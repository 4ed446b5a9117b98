"""Limits: each has its reason, and what they promise of one another is true."""

import ast
import re
from pathlib import Path

from intake.core import entry, limits, questions, wire
from intake.core import report as reports
from tests.core.samples import SMALL, said, told

SOURCE = ast.parse(Path(limits.__file__).read_text(encoding="utf-8"))


def test_every_limit_stands_with_its_reason() -> None:
    """A number without a reason is never dared to be changed."""
    reasonless = []
    for statement, after in zip(SOURCE.body, [*SOURCE.body[1:], None], strict=True):
        if isinstance(statement, ast.Assign) and not _is_docstring(after):
            reasonless += [
                target.id for target in statement.targets if isinstance(target, ast.Name)
            ]
    assert reasonless == ["KIB"]


def _is_docstring(statement: ast.stmt | None) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def test_buckets_double_from_floor_to_ceiling() -> None:
    """The ceiling is a bucket itself, or the last one could never be used."""
    assert entry.is_bucket(limits.BUCKET_FLOOR)
    assert entry.is_bucket(limits.BUCKET_CEILING)


def test_the_longest_report_fits_an_entry_twice() -> None:
    """Nobody is told after writing that her account is too long for its envelope."""
    answers: dict[str, reports.Answer] = {
        "account": "😀" * limits.ACCOUNT_CHARACTERS,
        "place": "😀" * limits.LINE_CHARACTERS,
        "date": "😀" * limits.LINE_CHARACTERS,
    }
    report = reports.make(answers, SMALL, "en")
    assert 2 * len(reports.encode(report)) < limits.BUCKET_CEILING
    assert entry.is_bucket(len(entry.encode(told())))


def test_the_longest_account_of_escaped_letters_fits_an_entry() -> None:
    """Quotes and line ends take two bytes each and still fit."""
    data = entry.encode(said('"\n' * (limits.ACCOUNT_CHARACTERS // 2)))
    assert len(data) <= limits.BUCKET_CEILING


def test_a_form_keeps_an_account_that_is_ten_times_too_long() -> None:
    """Percent-encoded, a letter of four bytes takes twelve."""
    assert limits.FORM_KEPT > 10 * 12 * limits.ACCOUNT_CHARACTERS
    assert limits.FORM_READ > limits.FORM_KEPT


def test_calls_of_an_office_are_far_below_their_limit() -> None:
    """A login never meets it."""
    assert len(wire.encode(wire.Ask("x" * 32, "0" * 64))) < limits.KIB
    assert len(wire.encode(wire.Answer("0" * 32, bytes(32)))) < limits.KIB


def test_a_form_has_room_for_every_question_and_office() -> None:
    """The largest form of this version stays far below the parser's guard."""
    assert len(questions.SHORT) + 2 * limits.OFFICES_PER_CASE + 10 < limits.FORM_FIELDS


def test_every_limit_is_a_positive_whole_number() -> None:
    """No limit switches itself off."""
    values = {name: value for name, value in vars(limits).items() if re.fullmatch("[A-Z_]+", name)}
    assert values
    assert all(isinstance(value, int) and value > 0 for value in values.values())
    assert limits.RECIPIENTS_NEEDED <= limits.RECIPIENTS_PER_OFFICE
