"""The browser's pure modules and ours give the same answers, to good input and to hostile."""

import base64
import json
import random
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any, Literal

import msgspec
import pytest

from intake.core import entry as entries
from intake.core import evidence, limits, receipt, routing
from intake.core import report as reports
from intake.core.evidence import Evidence
from intake.core.questions import GROUPS_BY_NAME
from intake.core.report import Answer
from intake.errors import ReceiptError
from intake.wordlists import LANGUAGES, wordlist, wordlists
from tests.browsercore import programme as programmes
from tests.browsercore import scripts
from tests.core.samples import CANARY, DEEP, SMALL, default, said, told, vectors
from tests.core.test_routing import written

Found = dict[str, Any]
"""What the browser's modules answered, by what was asked."""

TODAY = date(2026, 11, 24)
DEFAULT = default()
CANONICAL = vectors("canonical")
PADDING = vectors("padding")
PADME = vectors("padme")["lengths"]
PROBLEMS = vectors("problems")["cases"]
VOICE = Evidence(
    digest="0a" * 32, id="0b" * 16, key="", length=1, name="voice.ogg", of="", type="audio/ogg"
)
RECEIPT = vectors("receipt")
SETS = vectors("routing")["sets"]
INDEXES = {name: receipt.index(words) for name, words in wordlists().items()}
ENTRIES = [told(), said("Sí.\n\0😀 </script>\u2028"), said("é" * 2030), said("x" * 70_000)]

HOSTILE = {
    "bad UTF-8": b'{"a":"\xff"}',
    "surrogate in UTF-8": b'{"a":"\xed\xa0\x80"}',
    "escaped lone surrogate": b'{"a":"\\ud800"}',
    "overlong UTF-8": b'{"a":"\xc0\xaf"}',
    "raw NUL": b'{"a":"\x00"}',
    "NUL behind": b'{"a":"x"}\x00',
    "byte order mark": b'\xef\xbb\xbf{"a":"x"}',
    "UTF-16": '{"a":"x"}'.encode("utf-16"),
    "deep lists": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "deep and cut off": b"[" * DEEP,
    "key twice": b'{"a":"x","a":"x"}',
    "inherited key twice": b'{"__proto__":1,"__proto__":1}',
    "fraction": b'{"a":1.5}',
    "fraction of nought": b'{"a":1.0}',
    "exponent": b'{"a":1e0}',
    "minus nought": b'{"a":-0}',
    "number not exact": b'{"a":9007199254740993}',
    "huge number": b'{"a":1e999}',
    "not a number": b'{"a":NaN}',
    "key not ASCII": '{"é":1}'.encode(),
    "keys that look like places": b'{"10":1,"9":1,"a":1,"1":1}',
    "needless escape": b'{"a":"\\u0078"}',
    "second value": b'{"a":"x"}{}',
    "nothing": b"",
}
GOOD = [b'{"10":1,"9":1}', b'{"__proto__":1}', b'"x"', b"null", b"[]", '[-1,0,"é"]'.encode()]

TEXTS = [
    "",
    "abandon " * 100_000,
    "\x00" * 100,
    "\ud800" * 10,
    "\ud800 " * 10,
    "2049 " * 10,
    "1 " * 10,
    "00001 " * 10,
    ("9" * 5000 + " ") * 10,
    "²³¹¹ " * 10,
    "-001 " * 10,
    "१२३४ " * 10,
    "፩፩፩፩ " * 10,
    "一 " * 10,
    "_ " * 10,
    "constructor " * 10,
    CANARY,
    f"{CANARY} " * 10,
]

PAGES: list[tuple[dict[str, object], list[str]]] = [
    ({"group": "new", "answers": {}, "people": [], "offices": {}}, ["nothing"]),
    ({"group": "new", "answers": {"place": ""}, "people": [{}], "offices": {}}, ["nothing"]),
    ({"group": "new", "answers": {"agency": []}, "people": [], "offices": {}}, ["nothing"]),
    ({"group": "new", "answers": {"place": "x"}, "people": [], "offices": {}}, []),
    ({"group": "persons", "answers": {}, "people": [{"alias": "A"}], "offices": {}}, []),
    ({"group": "consent", "answers": {"name": "A"}, "people": [], "offices": {}}, ["no_office"]),
    ({"group": "consent", "answers": {}, "people": [], "offices": {"inv": {}}}, ["nothing"]),
    (
        {
            "group": "consent",
            "answers": {},
            "people": [],
            "offices": {"inv": {"identity": "open"}},
        },
        [],
    ),
]

BASE64 = [
    "",
    "AA==",
    "AAA=",
    "AAAA",
    "+/+/",
    "AA",
    "AB==",
    "A",
    "AA==\n",
    " AA==",
    "-_-_",
    "é",
    "==",
]


FOLDED = [*map(ord, "ß 1_-."), 0x1E9E, 0x131, 0x130, 0x17F, 0x3A3, 0x663, 0x6F4]
"""Letters that change when capitals do, digits, and what stands between words."""

FORMS: tuple[Literal["NFC", "NFD", "NFKC", "NFKD"], ...] = ("NFC", "NFD", "NFKC", "NFKD")


def slips() -> Iterator[str]:
    """Yield receipts as people and their keyboards might spoil them, the same each time."""
    chance = random.Random(3)  # noqa: S311 - repeatable, no secret
    marks = [
        chr(code)
        for code in range(0x110000)
        if unicodedata.category(chr(code)).startswith(("M", "Cf")) or code in FOLDED
    ]
    for name, words in wordlists().items():
        for _ in range(150):
            typed = list(receipt.make(chance.randbytes(13)).words(words))
            for _ in range(chance.randrange(3)):
                at = chance.randrange(len(typed))
                word = typed[at]
                cut = chance.randrange(len(word) + 1)
                typed[at] = word[:cut] + chance.choice(marks) + word[cut:]
            text = " ".join(typed)
            form = chance.choice(FORMS)
            text = unicodedata.normalize(form, text)
            yield chance.choice([text, text.upper(), text.title(), text.replace("ss", "ß")])
        yield f"{name} {name}"


def everything_typed() -> list[str]:
    """Return all that is read as a receipt here."""
    shared = [vector["text"] for kind in ("typed", "refused") for vector in RECEIPT[kind]]
    numbers = [" ".join(vector["numbers"]) for vector in RECEIPT["receipts"]]
    words = [
        " ".join(words) for vector in RECEIPT["receipts"] for words in vector["words"].values()
    ]
    return [*shared, *numbers, *words, *TEXTS, *slips()]


TYPED = everything_typed()
DOUBTFUL = [
    " ".join(receipt.make(bytes(12) + bytes([4 * n])).words(wordlist("en"))) for n in range(64)
]


def routings() -> Iterator[tuple[dict[str, Any], dict[str, object]]]:
    """Yield the shared cases of routing, each with what the browser is given."""
    for group in SETS:
        for case in group["cases"]:
            today = date.fromisoformat(case["today"])
            told = programmes.data(written(group["programme"]), today)
            yield (
                {"reasons": [rule["reason"] for rule in group["programme"]["routes"]], **case},
                {"programme": told, "facets": case["facets"]},
            )


ROUTINGS = list(routings())
ANSWERS: list[dict[str, Answer]] = [
    {"account": "x", "place": "y"},
    {"account": "x", "custody": "yes", "agency": ("border", "unknown"), "child": "declined"},
]
RANDOM_SIZES = [13, 0, 12, 14, 16]


@pytest.fixture(scope="module")
def found() -> Found:
    """Return what the browser's modules answer to all of it, in one run."""
    texts = [vector["canonical"].encode() for vector in CANONICAL["values"]]
    texts += [text.encode() for text in CANONICAL["refused"]]
    randoms = [vector["random"] for vector in RECEIPT["receipts"]]
    task = {
        "programme": programmes.data(SMALL, TODAY),
        "values": [vector["value"] for vector in CANONICAL["values"]],
        "texts": [text.hex() for text in (*texts, *HOSTILE.values(), *GOOD)],
        "sizes": [vector["size"] for vector in PADDING["buckets"]] + PADDING["refused"],
        "lengths": [vector["length"] for vector in PADME],
        "entries": [msgspec.to_builtins(one) for one in [*ENTRIES, said("\ud800")]],
        "receipts": [{"random": text} for text in [*randoms, *("00" * n for n in RANDOM_SIZES)]],
        "lists": {name: list(words) for name, words in wordlists().items()},
        "typed": TYPED,
        "turned": DOUBTFUL,
        "problems": PROBLEMS,
        "pages": [page for page, _ in PAGES],
        "routings": [task for _, task in ROUTINGS],
        "answers": ANSWERS,
        "base64": BASE64,
    }
    answers: Found = scripts.run("core.mjs", task)
    return answers


def verdict(text: str) -> dict[str, object]:
    """Return what our own reader says of a receipt that was typed."""
    try:
        return {"value": receipt.parse(text, INDEXES).secret.hex()}
    except ReceiptError as error:
        return {"error": "ReceiptError", "code": error.code, "places": list(error.places)}


def shown(outcome: dict[str, object]) -> dict[str, object]:
    """Return an outcome without the text of its error, which is for developers."""
    return {key: value for key, value in outcome.items() if key != "message"}


def test_values_have_the_shared_encoding(found: Found) -> None:
    """Or the two sides' MACs and digests would not agree."""
    expected = [{"value": vector["canonical"].encode().hex()} for vector in CANONICAL["values"]]
    assert found["encoded"] == expected


def test_what_json_cannot_say_is_refused(found: Found) -> None:
    """A fraction, a missing value, a function: nothing is left out in silence."""
    assert {outcome.get("error") for outcome in found["strange"]} == {"ReportError"}


def test_decode_takes_the_one_encoding_and_nothing_else(found: Found) -> None:
    """Two spellings of one value, hostile nesting and broken UTF-8 included."""
    count = len(CANONICAL["values"])
    good, refused = found["decoded"][:count], found["decoded"][count : -len(GOOD)]
    assert good == [{"value": vector["value"]} for vector in CANONICAL["values"]]
    names = [*CANONICAL["refused"], *HOSTILE]
    verdicts = {name: outcome.get("error") for name, outcome in zip(names, refused, strict=True)}
    assert verdicts == dict.fromkeys(names, "ReportError")
    assert found["decoded"][-len(GOOD) :] == [{"value": json.loads(text)} for text in GOOD]


def test_entries_go_into_the_shared_buckets(found: Found) -> None:
    """A size that only one side used would tell who sealed."""
    expected = [{"value": vector["padded"]} for vector in PADDING["buckets"]]
    assert found["buckets"][: len(expected)] == expected
    refused = found["buckets"][len(expected) :]
    assert [one.get("error") for one in refused] == ["EntryError"] * len(PADDING["refused"])


def test_padme_is_the_shared_one(found: Found) -> None:
    """Exact to 2^53, where shifts and logarithms of floating numbers are not."""
    assert found["padme"] == [vector["padded"] for vector in PADME]


def test_the_shared_padme_is_its_definition() -> None:
    """By whole numbers; never below the length, at most 12 % more."""
    for vector in PADME:
        length, padded = vector["length"], vector["padded"]
        exponent = max(length, 1).bit_length() - 1
        step = 1 << (exponent - exponent.bit_length()) if length > 1 else 1
        assert padded % step == 0
        assert 0 <= padded - length < step
        assert padded <= length * 1.12 or length < 16


def test_entries_have_our_bytes(found: Found) -> None:
    """The browser writes what our reader takes, padding included."""
    assert found["entries"][:-1] == [{"value": entries.encode(one).hex()} for one in ENTRIES]
    assert found["entries"][-1]["error"] == "EntryError"


def test_receipts_are_the_shared_ones(found: Found) -> None:
    """A difference would lose every receipt that was noted."""
    count = len(RECEIPT["receipts"])
    assert found["made"][:count] == [{"value": vector} for vector in RECEIPT["receipts"]]
    errors = [outcome.get("error") for outcome in found["made"][count:]]
    assert errors == [None if size == 13 else "ReceiptError" for size in RANDOM_SIZES]


def test_typed_receipts_get_our_verdicts(found: Found) -> None:
    """The shared ones, hostile ones, and hundreds with stray marks of every kind."""
    verdicts = [shown(outcome) for outcome in found["read"]]
    differences = [
        (ascii(text[:120]), theirs, ours)
        for text, theirs, ours in zip(TYPED, verdicts, map(verdict, TYPED), strict=True)
        if theirs != ours
    ]
    assert not differences
    assert sum("value" in outcome for outcome in verdicts) > 100
    assert {outcome.get("code") for outcome in verdicts} == {None, "count", "unknown"}


def test_words_that_are_receipts_in_two_lists_ask_for_the_language(found: Found) -> None:
    """Guessing would open a stranger's mailbox, or none."""
    words = wordlist("en")
    turned = {"one": receipt.index(words), "two": receipt.index((*words[1:], words[0]))}
    expected: list[dict[str, object]] = []
    for text in DOUBTFUL:
        try:
            expected.append({"value": list(receipt.parse(text, turned).places)})
        except ReceiptError as error:
            expected.append({"error": "ReceiptError", "code": error.code, "places": []})
    assert [shown(outcome) for outcome in found["turned"]] == expected
    assert any("value" in outcome for outcome in expected)


def test_problems_are_the_shared_ones(found: Found) -> None:
    """The page refuses what the server would refuse, and nothing else."""
    whys = [case["why"] for case in PROBLEMS]
    expected = [(case["why"], case["problems"]) for case in PROBLEMS]
    assert list(zip(whys, found["problems"], strict=True)) == expected


@pytest.mark.parametrize("case", PROBLEMS, ids=lambda case: case["why"])
def test_the_shared_problems_are_ours(case: dict[str, Any]) -> None:
    """The browser runs the same file."""
    group = GROUPS_BY_NAME[case["group"]]
    answers, *people = map(as_answers, [case["answers"], *case.get("people", [])])
    if "office" in case:
        wrong = reports.office_problems(case["office"], answers, SMALL, group)
    else:
        files = [VOICE] if case.get("spoken") else []
        wrong = reports.problems(answers, SMALL, group, people, files)
    assert [asdict(problem) for problem in wrong] == case["problems"]


def as_answers(plain: dict[str, Any]) -> dict[str, Answer]:
    """Return answers as they come from JSON as ours, whose lists are tuples."""
    return {
        name: tuple(answer) if isinstance(answer, list) else answer
        for name, answer in plain.items()
    }


def test_every_code_of_a_problem_has_a_vector() -> None:
    """A code that no vector holds could differ unseen."""
    codes = {problem["code"] for case in PROBLEMS for problem in case["problems"]}
    assert codes == {"required", "too_long", "not_offered", "not_text", "not_yours", "too_many"}


def test_a_page_with_nothing_on_it_is_a_problem(found: Found) -> None:
    """So is what each office is to be told, where it is told to none."""
    codes = [[problem["code"] for problem in wrong] for wrong in found["pages"]]
    assert codes == [expected for _, expected in PAGES]


def test_routes_lead_where_the_shared_vectors_say(found: Found) -> None:
    """The server learns which offices got a grant, the browser alone knows why."""
    for (case, _), result in zip(ROUTINGS, found["routed"], strict=True):
        proposals = [
            {
                "office": proposal["office"],
                "conflict": proposal["conflict"],
                "preselected": place == 0,
                "reasons": [case["reasons"][route] for route in proposal["routes"]],
            }
            for place, proposal in enumerate(result["proposals"])
        ]
        assert (proposals, result["closed"]) == (case["proposals"], case["closed"]), case["why"]


def test_facets_are_the_choices_of_the_first_step(found: Found) -> None:
    """What was not answered is absent, and a word is a list of one."""
    for answers, facets in zip(ANSWERS, found["facets"], strict=True):
        ours = reports.make(answers, SMALL, "en").facets()
        assert facets == {name: list(terms) for name, terms in ours.items()}


def test_inherited_names_route_nowhere() -> None:
    """An answer is a stranger's word: `constructor` is no department."""
    odd = ["constructor", "__proto__", "toString"]
    told = programmes.data(DEFAULT, TODAY)
    task = {"programme": told, "facets": {"agency": odd, "custody": odd}}
    ours = routing.route(DEFAULT, {"agency": tuple(odd), "custody": tuple(odd)}, TODAY)
    (result,) = scripts.run("core.mjs", {"routings": [task]})["routed"]
    assert [one["office"] for one in result["proposals"]] == list(ours.offices)
    assert {one["conflict"] for one in result["proposals"]} == {"independent"}


def test_base64_has_one_spelling(found: Found) -> None:
    """Python's strict reader, told to compare the spelling, is the measure."""
    expected = []
    for text in BASE64:
        try:
            data = base64.b64decode(text.encode(), validate=True)
        except ValueError:
            data = None
        good = data is not None and base64.b64encode(data).decode() == text
        expected.append(data.hex() if data is not None and good else "KeyTextError")
    assert [one.get("value", one.get("error")) for one in found["unbase64"]] == expected


def test_ages_in_the_digits_of_every_script_are_read() -> None:
    """A phone set to Bengali writes ৯ for 9; all digits Python knows are tried."""
    digits = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Nd"]
    limit = SMALL.asked_from_age
    ages = [f"{one}{two}" for one, two in zip(digits, reversed(digits), strict=True)] + digits
    people = [{"relation": "in-my-care", "age": age, "agrees": ["refer"]} for age in ages]
    cases = [
        {"group": "persons", "answers": {}, "people": people[at : at + limits.PEOPLE]}
        for at in range(0, len(people), limits.PEOPLE)
    ]
    given = {"programme": programmes.data(SMALL, TODAY), "problems": cases}
    wrong = scripts.run("core.mjs", given)["problems"]
    refused = {12 * at + one["person"] for at, case in enumerate(wrong) for one in case}
    assert refused == {at for at, age in enumerate(ages) if int(age) >= limit}
    assert len(digits) > 600


def test_no_refusal_quotes_what_was_typed(found: Found) -> None:
    """Nine right words in a log are nearly a receipt."""
    assert set(LANGUAGES) == set(INDEXES)
    messages = [
        one["message"] for kind in ("read", "decoded") for one in found[kind] if "error" in one
    ]
    assert messages
    assert not [message for message in messages if CANARY in message or "abandon" in message]


def test_each_office_is_told_of_the_same_files() -> None:
    """The copy where there is one, however the files are mixed; the original where it may."""
    rng = random.Random(9)  # noqa: S311 - samples
    sets = []
    for _ in range(200):
        ids = [f"{number:032x}" for number in range(rng.randrange(6))]
        ofs = [rng.choice(["", *ids, "f" * 32]) for _ in ids]
        files = [
            msgspec.structs.replace(VOICE, id=one, of="" if of == one else of)
            for one, of in zip(ids, ofs, strict=True)
        ]
        sets.append((files, rng.random() < 0.5))
    given = {"files": msgspec.to_builtins(sets)}
    answered = scripts.run("core.mjs", given)
    assert answered["most"] == limits.FILES
    shown = answered["shown"]
    ours = [msgspec.to_builtins(evidence.visible(f, originals=may)) for f, may in sets]
    assert shown == list(map(list, ours))


def test_what_arrived_of_an_older_wish_is_not_what_is_wanted() -> None:
    """Else an office that shall get the copy would get the original, with what it tells."""
    copy = msgspec.structs.replace(VOICE, id="0c" * 16, of=VOICE.id)
    wishes = [{"original": True, "copy": False}, {"original": False, "copy": True}]
    wishes.append({"original": True, "copy": True})
    arrived = [[VOICE], [copy], [VOICE, copy]]
    asked = [[files, wish, True] for wish in wishes for files in arrived]
    # Where there is nothing to take out, the original is all that there is.
    asked += [[files, wish, False] for wish in wishes for files in arrived]
    task = {"arrived": msgspec.to_builtins(asked)}
    wanted = scripts.run("core.mjs", task)["wanted"]
    assert wanted[:9] == [True, False, False, False, True, False, False, False, True]
    assert wanted[9:] == [True, False, False] * 3
