"""The opener as one file: the same twice, whole, closed to every line, a text for each error."""

import hashlib
import re
from base64 import b64encode
from pathlib import Path

import msgspec
import pytest

from intake.core import programme as programmes
from intake.core.questions import BY_NAME, GROUPS, NOTICES
from intake.core.work import FIELDS, STATUSES
from intake.errors import ConfigError
from intake.paths import shipped
from intake.web import i18n
from intake.web.opener import Opener, read
from intake.web.opener_texts import TEXTS
from tests.support.programmes import small
from tests.web.test_offline import Parts

SCRIPT = "const answer = 1 < 2;"
PROGRAMME = programmes.parse(shipped("programmes/default.toml").read_text("utf-8"))
SOURCES = Path(__file__).parents[2] / "intake" / "browser"


def text(language: str = "en", script: str = SCRIPT) -> str:
    """Return a file."""
    return Opener(PROGRAMME).render(i18n.load(language, "public"), script).decode()


@pytest.mark.parametrize("language", PROGRAMME.languages)
def test_same_programme_gives_the_same_bytes(language: str) -> None:
    """Whoever hands it out can compare it with what another made."""
    assert text(language) == text(language)
    assert f'lang="{language}"' in text(language)


@pytest.mark.parametrize("language", PROGRAMME.languages)
def test_file_names_no_address_and_asks_none(language: str) -> None:
    """No link, nothing loaded, no form that sends."""
    page = text(language)
    named = [
        value
        for _, attributes in Parts(page).tags
        for name, value in attributes.items()
        if name in ("src", "href", "action", "srcset", "data", "formaction", "ping", "poster")
    ]
    assert named == ["data:,"]
    assert "//" not in re.sub(r"<script.*?</script>|<style.*?</style>", "", page, flags=re.DOTALL)


def test_policy_opens_nothing_but_the_digests_of_this_file() -> None:
    """Before anything that could load; no Worker, no trusted type, no line."""
    page = text()
    parts = Parts(page)
    (policy,) = (
        attributes["content"]
        for tag, attributes in parts.tags
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))
    runs = [data for attributes, data in parts.inside if not attributes]
    style, script = (hashlib.sha256(data.encode()).digest() for data in runs)
    assert rules == {
        "default-src": "'none'",
        "script-src": f"'sha256-{b64encode(script).decode()}'",
        "style-src": f"'sha256-{b64encode(style).decode()}'",
        "connect-src": "'none'",
        "img-src": "data:",
        "form-action": "'none'",
        "base-uri": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    assert page.index("Content-Security-Policy") < page.index("<style>")


@pytest.mark.parametrize("language", PROGRAMME.languages)
def test_file_holds_a_label_for_whatever_a_report_can_name(language: str) -> None:
    """Questions, terms, groups, notices and offices, in the language of the page."""
    facts = Parts(text(language)).facts()
    questions = {one["name"]: one for one in facts["questions"]}  # type: ignore[attr-defined]
    assert list(questions) == list(BY_NAME)
    agency = dict(questions["agency"]["terms"])
    assert agency == {term.id: term.label[language] for term in PROGRAMME.vocabularies["agency"]}
    assert [one["name"] for one in facts["groups"]] == [  # type: ignore[attr-defined]
        "report",
        *(group.name for group in GROUPS),
    ]
    assert [name for name, _ in facts["notices"]] == list(NOTICES)  # type: ignore[attr-defined]
    offices = {one["id"]: one["reader"] for one in facts["offices"]}  # type: ignore[attr-defined]
    assert offices == {office.id: office.read_by for office in PROGRAMME.offices}


def test_every_error_of_the_script_has_its_sentence() -> None:
    """No more and no fewer, each another."""
    source = (SOURCES / "errors.ts").read_text("utf-8")
    codes = source.partition("export type AsideCode =")[2].partition(";")[0]
    wanted = {f"aside_{code}" for code in re.findall(r'"(\w+)"', codes)}
    sentences = {name: said for name, said in TEXTS.items() if name.startswith("aside_")}
    assert set(sentences) == wanted
    assert len(set(sentences.values())) == len(sentences)


def test_every_status_of_a_case_has_its_label() -> None:
    """The same as on the desk."""
    labels = {name: said for name, said in TEXTS.items() if name.startswith("status_")}
    assert labels == {f"status_{name}": label for name, label in STATUSES.items()}
    assert {f"work_{name}" for name in FIELDS} <= set(TEXTS)


def test_every_text_that_the_script_asks_for_is_there() -> None:
    """By the names that stand in it."""
    script = "".join(path.read_text("utf-8") for path in (SOURCES / "opener").glob("*.ts"))
    calls = re.findall(
        r"""(?:#text|#say|#note|#act|#wrong)\((?:told\.of \? )?"(\w+)"|texts\["(\w+)"\]""", script
    )
    asked = {one or other for one, other in calls}
    assert len(asked) > 25
    assert asked <= set(TEXTS)


def test_programme_that_lacks_vocabularies_has_its_file() -> None:
    """One made for a test."""
    programme = msgspec.structs.replace(small(), vocabularies={})
    page = Opener(programme).render(i18n.load("en", "public"), SCRIPT).decode()
    assert Parts(page).facts()["programme"] == "small"


@pytest.mark.parametrize("spoiled", ["x</script>", "x<!--", "x</STYLE"])
def test_script_that_would_end_its_element_is_refused(spoiled: str) -> None:
    """What follows would be read as a page."""
    with pytest.raises(ConfigError, match="build the scripts anew"):
        text(script=spoiled)


def test_label_cannot_end_its_element() -> None:
    """A programme is ours, and may still hold a sign."""
    offices = tuple(
        msgspec.structs.replace(office, name=dict.fromkeys(PROGRAMME.languages, "</script><b>"))
        for office in PROGRAMME.offices
    )
    programme = msgspec.structs.replace(PROGRAMME, offices=offices)
    page = Opener(programme).render(i18n.load("en", "public"), SCRIPT).decode()
    assert "</script><b>" not in page
    assert Parts(page).facts()["offices"][0]["name"] == "</script><b>"  # type: ignore[index]


def test_checkout_without_script_is_told_to_build_it(tmp_path: Path) -> None:
    """Half a page opens nothing."""
    with pytest.raises(ConfigError, match="the scripts are not built"):
        read(tmp_path)
