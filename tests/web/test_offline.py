"""The offline form as one file: the same twice, whole, closed to every line."""

import hashlib
import json
import re
from base64 import b64decode, b64encode
from datetime import date, timedelta
from html.parser import HTMLParser

import msgspec
import pytest

from intake.core import limits
from intake.core import programme as programmes
from intake.core.programme import Programme
from intake.crypto.keyring import Keyring, OfficeKey, spoken
from intake.crypto.unseal import generate_hybrid
from intake.errors import ConfigError, KeyringError, ProgrammeError
from intake.paths import shipped
from intake.web import i18n
from intake.web.assets import OFFLINE_PAGE, OFFLINE_WORKERS
from intake.web.offline import OfflineForm
from intake.wordlists import wordlist

TODAY = date(2026, 11, 24)
ENDS = TODAY + timedelta(days=90)
SCRIPTS = {
    OFFLINE_PAGE: "const answer = 1 < 2;",
    **{name: f"/* {name} </script><!-- */" for name in OFFLINE_WORKERS.values()},
}
PROGRAMME = programmes.parse(shipped("programmes/default.toml").read_text("utf-8"))


def ring(programme: Programme = PROGRAMME, **until: date | None) -> Keyring:
    """Return two fresh keys for each office; those named end on a day."""
    return Keyring(
        {
            office.id: tuple(
                OfficeKey(
                    generate_hybrid().recipient(),
                    role,
                    TODAY,
                    until.get(office.id.replace("-", "_"), TODAY + timedelta(days=700)),
                )
                for role in ("working", "recovery")
            )
            for office in programme.keyed
        }
    )


RING = ring()


def form(programme: Programme = PROGRAMME, keys: Keyring = RING) -> OfflineForm:
    """Return what a file is made of."""
    return OfflineForm(programme, keys, TODAY, 100 * 1024 * limits.KIB)


def text(language: str = "en") -> str:
    """Return a file."""
    return form().render(i18n.load(language, "public"), SCRIPTS, ENDS).decode()


class Parts(HTMLParser):
    """The tags of a file with their attributes, and what stands in scripts and styles."""

    def __init__(self, page: str) -> None:
        """Read it."""
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: list[tuple[dict[str, str | None], str]] = []
        self._is_inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it."""
        self.tags.append((tag, dict(attrs)))
        self._is_inside = tag in ("script", "style")
        if self._is_inside:
            self.inside.append((dict(attrs), ""))

    def handle_endtag(self, _tag: str) -> None:
        """Leave a script or a style."""
        self._is_inside = False

    def handle_data(self, data: str) -> None:
        """Note what stands in a script or a style."""
        if self._is_inside:
            attrs, before = self.inside[-1]
            self.inside[-1] = (attrs, before + data)

    def facts(self) -> dict[str, object]:
        """Return what the script reads."""
        (found,) = (data for attrs, data in self.inside if attrs.get("id") == "facts")
        parsed: dict[str, object] = json.loads(found)
        return parsed


@pytest.mark.parametrize("language", PROGRAMME.languages)
def test_same_programme_keys_and_day_give_the_same_bytes(language: str) -> None:
    """Whoever hands it out can compare it with what another made."""
    assert text(language) == text(language)
    assert f'lang="{language}"' in text(language)


@pytest.mark.parametrize("language", PROGRAMME.languages)
def test_file_names_no_address_and_asks_none(language: str) -> None:
    """No link but the one that leaves, nothing loaded, no form that sends."""
    page = text(language)
    named = [
        (tag, name, value)
        for tag, attributes in Parts(page).tags
        for name, value in attributes.items()
        if name in ("src", "href", "action", "srcset", "data", "formaction", "ping", "poster")
    ]
    assert {value for _, _, value in named} == {"data:,", "about:blank"}
    assert "//" not in re.sub(r"<script.*?</script>|<style.*?</style>", "", page, flags=re.DOTALL)


def test_policy_opens_nothing_but_the_digests_of_this_file() -> None:
    """Before anything that could load; script and style by their digests, Workers from text."""
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
        "worker-src": "blob:",
        "style-src": f"'sha256-{b64encode(style).decode()}'",
        "connect-src": "'none'",
        "img-src": "data:",
        "media-src": "blob:",
        "form-action": "'none'",
        "base-uri": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "intake",
    }
    assert page.index("Content-Security-Policy") < page.index("<style>")


def test_file_holds_all_that_the_script_needs() -> None:
    """Programme, keys, words and Workers, in an element that nothing of it ends."""
    facts = Parts(text()).facts()
    assert facts["ends"] == ENDS.isoformat()
    assert facts["scripts"] == {address: SCRIPTS[name] for address, name in OFFLINE_WORKERS.items()}
    told = facts["programme"]
    assert isinstance(told, dict)
    assert (told["programme"], told["digest"]) == (PROGRAMME.id, PROGRAMME.digest)
    assert told["file_bytes"] == 100 * 1024 * limits.KIB
    assert {office: [b64decode(key) for key in keys] for office, keys in told["keys"].items()} == {
        office: [key.recipient.raw for key in keys] for office, keys in RING.offices.items()
    }
    assert len(told["words"].split(" ")) == 2048
    assert "February 22, 2027" in told["texts"]["ended"]
    assert "server" not in told["texts"]["refused"]


def test_file_shows_every_key_as_the_command_line_does() -> None:
    """And the day on which it ends."""
    page = text()
    for keys in RING.offices.values():
        for key in keys:
            assert spoken(key.fingerprint, wordlist("en")) in page
    assert "February 22, 2027" in page


def test_form_ends_with_its_days_its_first_key_or_its_first_office() -> None:
    """Whichever comes first."""
    soon, sooner = TODAY + timedelta(days=40), TODAY + timedelta(days=7)
    assert form().ends(90) == ENDS
    assert form(keys=ring(children=soon)).ends(90) == soon
    offices = tuple(
        msgspec.structs.replace(office, until=sooner) if office.id == "detention" else office
        for office in PROGRAMME.offices
    )
    closing = msgspec.structs.replace(PROGRAMME, offices=offices)
    assert form(closing, ring(children=soon)).ends(90) == sooner


def test_key_that_is_not_valid_today_is_not_carried() -> None:
    """Of last year or of next."""
    keys = dict(RING.offices)
    past = OfficeKey(generate_hybrid().recipient(), "working", None, TODAY - timedelta(days=1))
    later = OfficeKey(generate_hybrid().recipient(), "working", TODAY + timedelta(days=1), None)
    keys["children"] = (past, later, *keys["children"])
    made = form(keys=Keyring(keys))
    assert made.held() == RING.offices
    assert made.ends(90) == ENDS
    page = made.render(i18n.load("en", "public"), SCRIPTS, ENDS).decode()
    assert b64encode(past.recipient.raw).decode() not in page
    assert b64encode(later.recipient.raw).decode() not in page


def test_fallback_without_key_is_refused() -> None:
    """A report that nobody else takes would go to nobody."""
    keys = {name: held for name, held in RING.offices.items() if name != PROGRAMME.fallback}
    with pytest.raises(KeyringError, match="fallback"):
        form(keys=Keyring(keys))


def test_office_that_fits_no_name_of_a_file_is_refused() -> None:
    """A tar has a hundred characters."""
    offices = tuple(
        msgspec.structs.replace(office, id="o" * 24) if office.id == "children" else office
        for office in PROGRAMME.offices
    )
    with pytest.raises(ProgrammeError, match="at most 23 characters"):
        form(msgspec.structs.replace(PROGRAMME, offices=offices))


@pytest.mark.parametrize("spoiled", ["x</script>", "x<!--", "x</STYLE"])
def test_script_that_would_end_its_element_is_refused(spoiled: str) -> None:
    """What follows would be read as a page."""
    with pytest.raises(ConfigError, match="build the scripts anew"):
        form().render(i18n.load("en", "public"), {**SCRIPTS, OFFLINE_PAGE: spoiled}, ENDS)
