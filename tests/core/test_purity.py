"""Core is pure: no I/O, clock or randomness, and nothing of intake but core and errors."""

import ast
import dataclasses
import importlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

import intake.core

MODULES = sorted(Path(intake.core.__file__).parent.glob("*.py"))
ALLOWED = frozenset(
    (
        "collections",
        "dataclasses",
        "datetime",
        "heapq",
        "difflib",
        "enum",
        "hashlib",
        "msgspec",
        "re",
        "tomllib",
        "typing",
        "unicodedata",
    )
)
# Their names alone, called or handed on: `default_factory=date.today` reads a clock later.
CALLS = frozenset(
    (
        "open",
        "print",
        "input",
        "eval",
        "exec",
        "compile",
        "__import__",
        "breakpoint",
    )
)
CLOCKS = frozenset(
    (
        "today",
        "now",
        "utcnow",
        "fromtimestamp",
        "time",
        "perf_counter",
        "monotonic",
    )
)


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where they lead"
            module = node.module or ""
            yield from (
                f"{module}.{alias.name}" if module == "intake" else module for alias in node.names
            )


def impurities(source: str) -> list[str]:
    """Return what of the source reads a clock, a file, chance, or another layer."""
    tree = ast.parse(source)
    found = []
    for name in _imports(tree):
        root = name.split(".")[0]
        if root == "intake":
            good = name == "intake.errors" or f"{name}.".startswith("intake.core.")
        else:
            good = root in ALLOWED
        found += [] if good else [f"import {name}"]
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in CALLS:
            found.append(node.id)
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS:
            found.append(f".{node.attr}")
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_module_is_pure(path: Path) -> None:
    """What a test cannot pass in, it could only mock."""
    assert impurities(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "import os",
        "import os.path as p",
        "from io import BytesIO",
        "import time",
        "from random import choice",
        "def f():\n    import secrets",
        "from pathlib import Path",
        "import socket, subprocess",
        "x = open('x')",
        "from datetime import date\nd = date.today()",
        "import datetime\nd = datetime.datetime.now()",
        "from intake import paths",
        "import intake.crypto",
        "from intake.wordlists import wordlist",
        "from intake.corepack import x",
        "import cryptography",
        "m = __import__('os')",
        "from datetime import date\nclock = date.today",
        "read = open",
        "import importlib",
    ],
)
def test_the_search_finds_each_impurity(source: str) -> None:
    """A search that finds nothing proves nothing."""
    assert impurities(source)


@pytest.mark.parametrize(
    "source",
    ["from intake.core import limits", "import intake.errors", "from datetime import date"],
)
def test_the_search_lets_pass_what_is_pure(source: str) -> None:
    """It forbids no more than it must."""
    assert impurities(source) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_values_are_never_changed_after_they_were_made(path: Path) -> None:
    """What was checked stays as it was checked: every class of values is frozen."""
    module = importlib.import_module(f"intake.core.{path.stem}".removesuffix(".__init__"))
    for value in vars(module).values():
        if not isinstance(value, type) or value.__module__ != module.__name__:
            continue
        if issubclass(value, msgspec.Struct):
            assert value.__struct_config__.frozen, value.__name__
        elif dataclasses.is_dataclass(value):
            with pytest.raises(dataclasses.FrozenInstanceError):
                value.__new__(value).anything = 1  # type: ignore[attr-defined]


def test_every_module_was_searched() -> None:
    """The folder is flat: no package below it escapes."""
    assert {path.stem for path in MODULES} >= {"report", "routing", "receipt", "entry", "wire"}
    assert not [
        path for path in Path(intake.core.__file__).parent.rglob("*.py") if path not in MODULES
    ]
