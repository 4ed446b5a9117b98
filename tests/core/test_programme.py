"""A programme: a refusal names the key and the mend, and all that is wrong at once."""

import hashlib
import re
from datetime import date

import pytest

from intake.core import programme as programmes
from intake.core.programme import Programme
from intake.core.questions import ESCAPES, VOCABULARIES
from intake.errors import ProgrammeError
from tests.core.samples import SMALL
from tests.support.programmes import SMALL as TEXT


def changed(old: str, new: str) -> str:
    """Return the small programme with its first `old` replaced."""
    assert old in TEXT
    return TEXT.replace(old, new, 1)


def refusal(text: str) -> str:
    """Return what the parser says about a text it refuses."""
    with pytest.raises(ProgrammeError) as caught:
        programmes.parse(text, "p.toml")
    return str(caught.value)


def test_a_good_programme_is_parsed() -> None:
    """With its offices, words and routes in the order they were written."""
    assert isinstance(SMALL, Programme)
    assert [office.id for office in SMALL.offices] == ["inv", "det", "oig"]
    assert [office.id for office in SMALL.keyed] == ["inv", "det"]
    assert SMALL.office("oig").read_by == "inv"
    assert SMALL.office("det").read_by == "det"
    assert SMALL.terms("agency") == ("border", "police")
    assert [rule.office for rule in SMALL.routes] == ["oig", "det"]


def test_the_digest_is_of_the_text_as_written() -> None:
    """So a report names exactly one file, comments included."""
    assert SMALL.digest == hashlib.sha256(TEXT.encode()).hexdigest()
    assert programmes.parse(TEXT + "# seen\n").digest != SMALL.digest


def test_a_label_is_in_the_language_or_the_term_itself() -> None:
    """An old report's term that is gone is still shown as something."""
    assert SMALL.label("agency", "border", "es") == "Frontera"
    assert SMALL.label("agency", "gone", "es") == "gone"
    assert SMALL.label("gone", "border", "es") == "border"


def test_an_unknown_office_is_an_error_of_ours() -> None:
    """Never None."""
    with pytest.raises(ProgrammeError, match="no such office"):
        SMALL.office("gone")


HOURS = 'hours = { en = "Read on Mondays.", es = "Se lee los lunes." }'


def test_hours_are_those_of_who_reads() -> None:
    """Of an office itself, and of the served ones that it reads for; others promise nothing."""
    programme = programmes.parse(changed('id = "inv"', f'id = "inv"\n{HOURS}'))
    said = [programme.hours(office.id, "es") for office in programme.offices]
    assert said == ["Se lee los lunes.", "", "Se lee los lunes."]
    assert SMALL.hours("inv", "en") == ""


def template(name: str, en: str, es: str, copies: int = 1) -> str:
    """Return the programme with a text that offices send often."""
    one = f'\n[[templates]]\nid = "{name}"\ntext.en = "{en}"\ntext.es = "{es}"\n'
    return TEXT + one * copies


WRONG = [
    # the file
    ("not TOML", changed('id = "small"', "id ="), "at line 1, column 5", "mend the TOML there"),
    ("key twice", changed('id = "small"', 'id = "small"\nid = "x"'), "line 2", "mend the TOML"),
    ("deep nesting", "a = " + "[" * 100_000, "recursion", "mend the TOML there"),
    ("NUL", "\x00", "line 1", "mend the TOML there"),
    ("lone surrogate", TEXT + "# \ud800", "surrogates", "mend the TOML there"),
    ("escaped surrogate", changed("Every", "\\ud800"), "scalar value", "mend the TOML there"),
    ("huge integer", changed('"1"', "9" * 5000), "digits", "mend the TOML there"),
    ("byte order mark", "\ufeff" + TEXT, "line 1", "mend the TOML there"),
    # hours
    (
        "hours of a served office",
        changed('id = "oig"', f'id = "oig"\n{HOURS}'),
        "offices[2].hours",
        "write them there",
    ),
    (
        "hours in one language",
        changed('id = "inv"', 'id = "inv"\nhours = { en = "x" }'),
        "offices[0].hours.es",
        "translate it",
    ),
    ("hours as text", changed('id = "inv"', 'id = "inv"\nhours = "x"'), "offices[0].hours", "corr"),
    # its form
    ("no key at all", "", "top level: the key id is missing", "add it"),
    ("key missing", changed('version = "1"\n', ""), "top level: the key version is", "add it"),
    ("key missing below", changed('kind = "keyed"\n', ""), "offices[0]: the key kind", "add it"),
    ("typo", changed("fallback =", "fallbcak ="), "unknown key fallbcak", "did you mean fallback"),
    ("typo below", changed("takes =", "tekes ="), "offices[0]: unknown key tekes", "mean takes"),
    ("strange key", "zzz = 1\n" + TEXT, "top level: unknown key zzz", "remove it"),
    ("digest", 'digest = "x"\n' + TEXT, "digest: computed, not written", "remove the key"),
    ("number for text", changed('"1"', "1"), "version: expected `str`, got `int`", "correct"),
    ("fraction for text", changed('"1"', "1.0"), "version: expected `str`", "correct the value"),
    ("text for a list", changed('["en", "es"]', '"en"'), "languages: expected", "correct"),
    ("unknown kind", changed('"keyed"', '"open"'), "offices[0].kind: invalid", "correct"),
    (
        "time for a day",
        changed('"served"', '"served"\nuntil = 2026-01-01T00:00:00'),
        "until: exp",
        "correct",
    ),
    ("no such day", changed('"served"', '"served"\nuntil = 2026-02-30'), "line", "mend the TOML"),
    (
        "strange key in a term",
        changed('id = "police"', 'id = "police"\ndepartmnet = "x"'),
        "vocabularies.agency[1]: unknown key departmnet",
        "did you mean department",
    ),
    (
        "a label that is no text",
        changed('es = "Policía"', "es = 1"),
        "vocabularies.agency[1].label[...]: expected `str`",
        "correct the value",
    ),
    (
        "a vocabulary that is no list",
        TEXT.replace("[[vocabularies.child]]", "[vocabularies.child]", 1).split(
            "[[vocabularies.child]]"
        )[0]
        + "x = 1\n",
        "vocabularies.child: expected `array`",
        "correct the value",
    ),
    (
        "strange key in a route",
        changed('[[routes]]\noffice = "oig"', '[[routes]]\noffice = "oig"\nmach = 1'),
        "routes[0]: unknown key mach",
        "did you mean match",
    ),
    (
        "strange key in a help",
        changed("[[help]]", '[[help]]\nrech = "x"'),
        "help[0]: unknown key rech",
        "did you mean reach",
    ),
    # the version
    ("no version", changed('version = "1"', 'version = ""'), "version: use at most 32", "digits"),
    ("version with a space", changed('"1"', '"1 2"'), "version: use at most 32", "hyphens"),
    ("version with a line end", changed('"1"', '"1\\n"'), "version: use at most 32", "hyphens"),
    ("version for a terminal", changed('"1"', '"\\u001b[2J"'), "version: use at most", "hyphens"),
    ("version in other letters", changed('"1"', '"é"'), "version: use at most 32", "hyphens"),
    ("long version", changed('"1"', f'"{"1" * 33}"'), "version: use at most 32", "hyphens"),
    # names
    ("bad id", changed('"small"', '"Small!"'), "id: use small letters", "at most 32"),
    ("id with a line end", changed('"small"', '"small\\n"'), "id: use small letters", "first"),
    ("long id", changed('"small"', f'"{"a" * 33}"'), "id: use small letters", "at most 32"),
    ("path as office", changed('id = "det"', 'id = "../det"'), "offices[1].id: use", "letter"),
    ("bad term", changed('id = "police"', 'id = "Police"'), "vocabularies.agency[1].id", "use"),
    ("office witness", changed('id = "det"', 'id = "witness"'), "offices: witness", "rename"),
    ("office twice", changed('id = "det"', 'id = "inv"'), "offices: inv stands twice", "rename"),
    ("no language", changed('["en", "es"]', "[]"), "languages:", "name at least one"),
    ("language twice", changed('["en", "es"]', '["en", "en"]'), "languages[1]:", "correct it"),
    ("path as language", changed('["en", "es"]', '["en", "../x"]'), "languages[1]:", "correct it"),
    # templates
    ("template id", template("a b", "x", "y"), "templates[1].id: use small letters", "first"),
    (
        "template twice",
        template("a", "x", "y", 2),
        "templates: a stands twice",
        "rename one",
    ),
    ("template untold", template("a", "x", " "), "templates[1].text.es: is missing", "translate"),
    ("long template", template("a", "x", "y" * 40_000), "templates[1].text.es: is longer", "short"),
    (
        "template in no language",
        template("a", "x", "y").replace("text.es", "text.fr"),
        "templates[1].text.fr: is no language",
        "remove it",
    ),
    ("template key", template("a", "x", "y") + "txt = 1\n", "unknown key txt", "did you mean text"),
    # texts
    ("no translation", changed(', es = "Todo informe"', ""), "offices[0].takes.es:", "translate"),
    (
        "empty text",
        changed('"Todo informe"', '" "'),
        "offices[0].takes.es: is missing",
        "translate",
    ),
    ("no name", changed(', es = "Investigación propia"', ""), "offices[0].name.es:", "translate"),
    ("no shares", changed(', es = "No cuenta a nadie."', ""), "offices[0].shares.es", "translate"),
    ("no title", changed(', es = "Programa pequeño"', ""), "title.es: is missing", "translate it"),
    ("no reason", changed(', es = "Alguien está detenido."', ""), "routes[1].reason.es", "transl"),
    ("no help", changed(', es = "Emergencia"', ""), "help[0].label.es: is missing", "translate it"),
    ("no reach", changed(', es = "Llame al 112"', ""), "help[0].reach.es", "translate it"),
    ("no label", changed(', es = "Policía"', ""), "vocabularies.agency[1].label.es", "translate"),
    # vocabularies
    (
        "no vocabulary",
        TEXT.replace("vocabularies.child]", "vocabularies.chidl]"),
        "vocabularies.child: is missing",
        "add its terms",
    ),
    (
        "no question",
        TEXT.replace("vocabularies.child]", "vocabularies.chidl]"),
        "vocabularies.chidl: no question",
        "use one of region",
    ),
    (
        "term twice",
        changed('id = "police"', 'id = "border"'),
        "vocabularies.agency: border",
        "rename it",
    ),
    (
        "term built in",
        changed('id = "police"', 'id = "unknown"'),
        "vocabularies.agency: unknown",
        "rename it",
    ),
    # offices
    (
        "no fallback",
        changed('fallback = "inv"', 'fallback = "gone"'),
        "fallback: must name a keyed",
        "correct it",
    ),
    (
        "served fallback",
        changed('fallback = "inv"', 'fallback = "oig"'),
        "fallback: must name a keyed",
        "correct it",
    ),
    (
        "no reader",
        changed('reader = "inv"\n', ""),
        "offices[2].reader: a served office",
        "name one",
    ),
    ("reader unknown", changed('reader = "inv"', 'reader = "x"'), "offices[2].reader:", "name one"),
    (
        "reader served",
        changed('reader = "inv"', 'reader = "oig"'),
        "offices[2].reader:",
        "name one",
    ),
    (
        "keyed with reader",
        changed('"keyed"', '"keyed"\nreader = "det"'),
        "offices[0].reader: a keyed",
        "remove it",
    ),
    (
        "agency unknown",
        changed('agency = "border"', 'agency = "bordr"'),
        "offices[2].agency: not in",
        "correct it",
    ),
    (
        "ends before it starts",
        changed('"served"', '"served"\nsince = 2026-02-01\nuntil = 2026-01-01'),
        "offices[2].until: lies before",
        "correct one",
    ),
    (
        "fallback opens",
        changed('"keyed"', '"keyed"\nsince = 2026-01-01'),
        "offices[0]: the fallback is always open",
        "remove since",
    ),
    (
        "fallback closes",
        changed('"keyed"', '"keyed"\nuntil = 2026-01-01'),
        "offices[0]: the fallback is always open",
        "remove since",
    ),
    # routes
    (
        "route to nobody",
        changed('office = "oig"', 'office = "oggi"'),
        "routes[0].office: no such office",
        "use one of det, inv, oig",
    ),
    (
        "route on nothing",
        changed('match = { agency = ["border"] }', "match = {}"),
        "routes[0].match: names no facet",
        "name at least one",
    ),
    (
        "route on words",
        changed("match = { agency", "match = { account"),
        "routes[0].match.account",
        "correct it",
    ),
    (
        "route on an unknown term",
        changed('agency = ["border"]', 'agency = ["bordr"]'),
        "routes[0].match.agency:",
        "correct it",
    ),
    (
        "route on an empty set",
        changed('agency = ["border"]', "agency = []"),
        "routes[0].match.agency:",
        "correct it",
    ),
    # the exit
    (
        "exit by http",
        changed("https://example.org", "http://example.org"),
        "leave: must be an https://",
        "correct it",
    ),
    (
        "exit by script",
        changed("https://example.org/weather", "javascript:alert(1)"),
        "leave: must be",
        "correct it",
    ),
]


@pytest.mark.parametrize(
    ("text", "where", "mend"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG]
)
def test_each_error_names_its_key_and_mend(text: str, where: str, mend: str) -> None:
    """Who writes her own programme finds the line and knows what to do."""
    message = refusal(text)
    lines = [line for line in message.splitlines() if where in line]
    assert lines, message
    assert all(line.startswith("p.toml: ") for line in message.splitlines())
    assert any(mend in line for line in lines), message
    assert not message.endswith(".")


def test_everything_wrong_is_reported_at_once() -> None:
    """One line for each, not one run for each."""
    text = TEXT.replace('fallback = "inv"', 'fallback = "gone"')
    text = text.replace('office = "oig"', 'office = "x"').replace('"Todo informe"', '""')
    text = text.replace("https://example", "http://example")
    keys = [line.removeprefix("p.toml: ").split(":")[0] for line in refusal(text).splitlines()]
    assert keys == ["offices[0].takes.es", "fallback", "routes[0].office", "leave"]


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("langauges", "languages"),
        ("ofices", "offices"),
        ("routess", "routes"),
        ("vocabulary", "vocabularies"),
        ("titel", "title"),
        ("versoin", "version"),
        ("leaves", "leave"),
    ],
)
def test_a_typo_is_answered_with_the_key_that_was_meant(typo: str, meant: str) -> None:
    """The suggestion is a key that exists."""
    assert f"unknown key {typo}, did you mean {meant}" in refusal(f'{typo} = "x"\n' + TEXT)


def test_the_file_is_named_in_every_line() -> None:
    """An operator has more than one."""
    with pytest.raises(ProgrammeError, match=re.escape("/srv/mine.toml: leave:")):
        programmes.parse(changed("https://example", "http://example"), "/srv/mine.toml")


@pytest.mark.parametrize("language", ["es", "pt-BR", "quc", "zh-Hant-TW"])
def test_a_language_has_a_code(language: str) -> None:
    """With region or script, as Mayan languages and Chinese need."""
    assert programmes.LANGUAGE.fullmatch(language)


@pytest.mark.parametrize(
    "language", ["", "e", "EN", "en_US", "en/", "..", "en-", "en\n", "español"]
)
def test_a_language_is_safe_in_an_address(language: str) -> None:
    """It is the first part of every page's path."""
    assert not programmes.LANGUAGE.fullmatch(language)


def test_routes_may_ask_for_the_two_escapes() -> None:
    """I don't know is an answer a route may catch."""
    text = changed('agency = ["border"]', 'agency = ["border", "unknown", "declined"]')
    assert set(programmes.parse(text).routes[0].match["agency"]) == {"border", *ESCAPES}


def test_a_route_may_take_every_answer() -> None:
    """Any answer at all, but an answer."""
    text = changed('["border"]', '["border", "police", "unknown", "declined"]')
    assert len(programmes.parse(text).routes[0].match["agency"]) == 4


def test_days_are_days() -> None:
    """Written in TOML's own form."""
    text = changed('"served"', '"served"\nsince = 2026-01-01\nuntil = 2026-01-01')
    office = programmes.parse(text).office("oig")
    assert office.since == office.until == date(2026, 1, 1)
    assert office.is_open(date(2026, 1, 1))


@pytest.mark.parametrize("version", ["1", "2026-11-24", "v1.2_b", "1" * 32])
def test_a_version_is_a_word(version: str) -> None:
    """A count, a day or a tag."""
    assert programmes.parse(changed('"1"', f'"{version}"')).version == version


def test_every_facet_has_a_vocabulary() -> None:
    """Whatever the programme, the form can be built."""
    assert set(SMALL.vocabularies) == set(VOCABULARIES)
