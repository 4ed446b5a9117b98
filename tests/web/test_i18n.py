"""No text outside the catalogs, and no catalog with a hole."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from intake.core.questions import SHORT
from intake.paths import shipped
from intake.web import i18n, messages

ROOT = Path(__file__).parents[2]
CATALOGS = sorted((ROOT / "intake" / "locale").glob("*/LC_MESSAGES/intake.po"))
_TEMPLATES = ("templates/**.html", "templates/**.txt")
METHODS = [("intake/**.py", "python"), *((pattern, "jinja2") for pattern in _TEMPLATES)]
OPTIONS = {pattern: {"trimmed": "true", "silent": "false"} for pattern in _TEMPLATES}


_PAGES = sorted(
    path for kind in ("html", "txt") for path in (ROOT / "templates").rglob(f"*.{kind}")
)
ENGLISH = {"desk"}
"""Faces that speak English alone, as the command line does: investigators' own programs."""


def source_texts() -> set[str]:
    """Return every text that code and templates ask for."""
    found: set[str] = set()
    for name in ("intake", "templates"):
        for _, _, text, _, _ in extract_from_dir(
            str(ROOT / name), [(p.split("/", 1)[1], m) for p, m in METHODS if p.startswith(name)],
            {p.split("/", 1)[1]: o for p, o in OPTIONS.items() if p.startswith(name)},
        ):  # fmt: skip
            found.add(text if isinstance(text, str) else text[0])
    return found


def placeholders(text: str) -> set[str]:
    """Return the names a text puts values in for."""
    return set(re.findall(r"%\((\w+)\)s", text))


def visible_words(template: str) -> Iterator[str]:
    """Yield the words of a template that no catalog gives."""
    text = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", " ", template, flags=re.DOTALL)
    spoken = re.findall(r'(?:aria-label|title|alt|placeholder)="([^"]*)"', text)
    silent = re.sub(r'<[^>]*>|[\w-]+="[^"]*"', " ", text, flags=re.DOTALL)
    for part in (silent, *spoken):
        yield from re.findall(r"[^\W\d_]+", part)


def test_there_is_something_to_translate() -> None:
    """The search for texts finds those of code and of templates."""
    texts = source_texts()
    assert len(texts) > 80
    assert {question.label for question in SHORT} | set(messages.TEXTS.values()) <= texts


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.parts[-3])
def test_catalog_translates_every_text_and_no_other(path: Path) -> None:
    """Nothing missing, fuzzy or left over; placeholders are kept."""
    with path.open("rb") as file:
        catalog = read_po(file)
    texts = {m.id if isinstance(m.id, str) else m.id[0]: m for m in catalog if m.id}
    assert set(texts) == source_texts()
    for source, message in texts.items():
        forms = message.string if isinstance(message.string, list | tuple) else [message.string]
        assert all(forms), source
        assert not message.fuzzy, source
        assert placeholders(str(message.id)) == placeholders(str(message.string))


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.parts[-3])
def test_catalog_says_that_a_native_review_is_due(path: Path) -> None:
    """Until a native speaker has read it."""
    assert "Review by a native speaker: still due" in path.read_text("utf-8")[:300]


@pytest.mark.parametrize(
    "path",
    [path for path in _PAGES if path.parent.name not in ENGLISH],
    ids=lambda path: path.name,
)
def test_template_holds_no_text_of_its_own(path: Path) -> None:
    """What a person reads comes from a catalog or from the programme."""
    assert list(visible_words(path.read_text("utf-8"))) == []


def test_every_page_language_is_compiled() -> None:
    """A language loads with its name, its direction and its texts."""
    spanish = i18n.load("es", "public")
    assert (spanish.name, spanish.direction) == ("español", "ltr")
    assert spanish.text("Received") == "Recibido"
    assert i18n.is_translated("es")
    assert not i18n.is_translated("tlh")
    assert shipped("locale").is_dir()
