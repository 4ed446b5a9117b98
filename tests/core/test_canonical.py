"""Canonical JSON: one value, one encoding, and nothing else gets in."""

import hashlib
import json
import subprocess
import sys
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core import canonical
from intake.errors import EntryError, ReportError
from tests.core.samples import CANARY, DEEP, assert_silent, vectors


class Pair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two fields, whose names are not in the order of the alphabet."""

    name: str
    count: int = 0


VECTORS = vectors("canonical")

TEXT = st.text(st.characters(exclude_categories=["Cs"]))

HOSTILE = {
    "bad UTF-8": b'{"count":1,"name":"\xff"}',
    "surrogate in UTF-8": b'{"count":1,"name":"\xed\xa0\x80"}',
    "escaped lone surrogate": b'{"count":1,"name":"\\ud800"}',
    "overlong UTF-8": b'{"count":1,"name":"\xc0\xaf"}',
    "raw NUL": b'{"count":1,"name":"\x00"}',
    "NUL behind": b'{"count":1,"name":"x"}\x00',
    "byte order mark": b'\xef\xbb\xbf{"count":1,"name":"x"}',
    "UTF-16": '{"count":1,"name":"x"}'.encode("utf-16"),
    "deep lists": b"[" * DEEP,
    "deep objects": b'{"name":' * DEEP,
    "deep lists in a field": b'{"count":1,"name":' + b"[" * DEEP,
    "key twice": b'{"count":1,"name":"x","name":"x"}',
    "unknown key": b'{"count":1,"name":"x","zeal":1}',
    "missing key": b'{"count":1}',
    "huge integer": b'{"count":' + b"9" * 5000 + b',"name":"x"}',
    "not a number": b'{"count":NaN,"name":"x"}',
    "number as text": b'{"count":"1","name":"x"}',
    "fraction": b'{"count":1.0,"name":"x"}',
    "exponent": b'{"count":1e0,"name":"x"}',
    "minus nought": b'{"count":-0,"name":"x"}',
    "true as number": b'{"count":true,"name":"x"}',
    "null": b'{"count":1,"name":null}',
    "wrong order": b'{"name":"x","count":1}',
    "default left out": b'{"name":"x"}',
    "space within": b'{"count": 1,"name":"x"}',
    "space before": b' {"count":1,"name":"x"}',
    "space behind": b'{"count":1,"name":"x"} ',
    "line end behind": b'{"count":1,"name":"x"}\n',
    "second value": b'{"count":1,"name":"x"}{}',
    "needless escape": b'{"count":1,"name":"\\u0078"}',
    "escaped slash": b'{"count":1,"name":"\\/"}',
    "escaped pair": b'{"count":1,"name":"\\ud83d\\ude00"}',
    "comma too many": b'{"count":1,"name":"x",}',
    "list for object": b'[1,"x"]',
    "cut off": b'{"count":1,"name":"x"',
    "nothing": b"",
}


@pytest.mark.parametrize("vector", VECTORS["values"], ids=lambda vector: vector["why"])
def test_the_shared_values_have_the_shared_encoding(vector: dict[str, Any]) -> None:
    """The browser writes the same bytes, or its MACs and digests would not agree with ours."""
    data = vector["canonical"].encode()
    assert canonical.encode(vector["value"]) == data
    assert canonical.decode(data, dict[str, Any], ReportError, "it") == vector["value"]


@pytest.mark.parametrize("text", VECTORS["refused"])
def test_the_shared_second_spellings_are_refused(text: str) -> None:
    """They are JSON, but not as we write it."""
    json.loads(text)
    with pytest.raises(ReportError, match="not written canonically"):
        canonical.decode(text.encode(), dict[str, Any], ReportError, "it")


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_decode_refuses_what_is_not_the_one_encoding(data: bytes) -> None:
    """Two readings of the same bytes, or two spellings of one value, would break digests."""
    with pytest.raises(ReportError):
        canonical.decode(data, Pair, ReportError, "the pair")


def test_decode_raises_the_error_it_was_given_and_names_the_thing() -> None:
    """The caller's kind of error, with the caller's words."""
    with pytest.raises(EntryError, match=r"^the entry is not in the expected form$"):
        canonical.decode(b"{", Pair, EntryError, "the entry")
    with pytest.raises(EntryError, match=r"^the entry is not written canonically$"):
        canonical.decode(b'{"count":0,"name":"x"} ', Pair, EntryError, "the entry")


@pytest.mark.parametrize(
    "data",
    [
        f'{{"count":1,"name":"x","{CANARY}":1}}',
        f'{{"count":"{CANARY}","name":"x"}}',
        f'{{"count":1,"name":"{CANARY}"',
        f'{{"count":1,"name":"{CANARY}\\ud800"}}',
        f'{{"count":1,"name":"{CANARY}"}} ',
        CANARY,
    ],
)
def test_no_refusal_quotes_what_was_parsed(data: str) -> None:
    """What cannot be read may still be a person's words."""
    assert_silent(lambda: canonical.decode(data.encode(), Pair, ReportError, "it"), ReportError)


@given(name=TEXT, count=st.integers(-(2**63), 2**63 - 1))
def test_decode_undoes_encode(name: str, count: int) -> None:
    """Every value comes back the same."""
    pair = Pair(name, count)
    assert canonical.decode(canonical.encode(pair), Pair, ReportError, "it") == pair


@given(st.binary(max_size=60) | st.sampled_from(list(HOSTILE.values())))
def test_whatever_decodes_encodes_to_the_same_bytes(data: bytes) -> None:
    """Encoding after decoding is a fixpoint: no second spelling gets through."""
    try:
        value = canonical.decode(data, Pair, ReportError, "it")
    except ReportError:
        return
    assert canonical.encode(value) == data


@given(st.dictionaries(TEXT, TEXT | st.lists(TEXT, max_size=3), max_size=6))
def test_encode_is_the_sorted_json_that_other_languages_write(value: dict[str, object]) -> None:
    """The standard library, told to sort and not to space, reads and means the same."""
    data = canonical.encode(value)
    assert json.loads(data) == value
    assert list(json.loads(data)) == sorted(value)
    assert data == canonical.encode(dict(reversed(value.items())))


def test_encode_does_not_depend_on_the_order_of_keys() -> None:
    """A digest over it is one value, whoever filled the dictionary."""
    one = canonical.encode({"b": 1, "a": {"d": 2, "c": 3}})
    assert one == b'{"a":{"c":3,"d":2},"b":1}'
    other = canonical.encode({"a": {"c": 3, "d": 2}, "b": 1})
    assert hashlib.sha256(one).digest() == hashlib.sha256(other).digest()


LAZY = """
import sys
import msgspec
from intake.server import app

def kinds(base):
    for kind in base.__subclasses__():
        yield kind
        yield from kinds(kind)

looked = []

def note(frame, event, _argument):
    if event == "call" and frame.f_code.co_name == "get_class_annotations":
        looked.append(frame.f_locals["obj"])

parsed = [k for k in kinds(msgspec.Struct) if k.__struct_config__.forbid_unknown_fields]
assert len(parsed) > 20, parsed
sys.setprofile(note)
for kind in parsed:
    msgspec.json.Decoder(kind)
sys.setprofile(None)
print(*(kind.__name__ for kind in looked))
"""


def test_no_type_is_first_looked_at_while_threads_decode() -> None:
    """Two threads that decoded a type for the first time ended the process now and then."""
    done = subprocess.run(
        [sys.executable, "-c", LAZY], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("", "")
