"""Whatever a file is called, offices take the report that tells of it."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from intake.core import evidence
from tests.crypto import node

NAMES = {
    "IMG_0001.JPG": "IMG_0001.JPG",
    "Foto von Zoë 😀.jpg": "Foto von Zoë 😀.jpg",
    "صورة 7.jpg": "صورة 7.jpg",
    "照片𠮷 🇳🇵.jpg": "照片𠮷 🇳🇵.jpg",
    "": "file",
    "..\\../etc/passwd\n": "..\\.._etc_passwd_",
    "a\u202egpj.exe": "a_gpj.exe",
    "\ud800\0\u2028\u00a0x": "____x",
    "😀" * 300 + ".jpg": "😀" * 196 + ".jpg",
}
"""What files are called, and what offices are told."""


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """Return what the browser's modules say, in one run."""
    command = [str(node.NODE), str(Path(__file__).with_name("names.mjs"))]
    answer = subprocess.run(
        command, input=json.dumps(list(NAMES)).encode(), capture_output=True, check=True
    )
    said: dict[str, Any] = json.loads(answer.stdout)
    return said


def test_names_are_told_as_they_are_where_they_can_be(found: dict[str, Any]) -> None:
    """Of letters in every script; only what cannot be seen or leads elsewhere is replaced."""
    assert found["named"] == list(NAMES.values())


def test_every_name_is_one_that_offices_take(found: dict[str, Any]) -> None:
    """Or one odd file would cost a witness her whole report."""
    assert [name for name in found["named"] if not evidence.is_name(name)] == []
    assert [code for code in found["left"] if not evidence.is_name(chr(code))] == []
    assert len(found["left"]) > 100_000
