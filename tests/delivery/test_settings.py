"""Settings of mail: what is right is read, what is wrong is named at once, by key and mend."""

import re
import ssl
from datetime import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from intake.cli import intake as command
from intake.core import programme as programmes
from intake.delivery import settings
from intake.errors import ConfigError
from intake.paths import shipped
from tests.delivery.post import keep_password, toml
from tests.support.mail import Authority
from tests.support.programmes import small

ROOT = Path(__file__).parents[2]
GOOD = toml(587, Path("/ca.pem"), Path("/password"))
PROGRAMME = programmes.parse(shipped("programmes/default.toml").read_text("utf-8"))


def wrong(text: str) -> list[str]:
    """Return what is said of settings that are refused."""
    with pytest.raises(ConfigError) as caught:
        settings.parse(text, "mail.toml", small())
    return str(caught.value).splitlines()


def test_good_settings_are_read() -> None:
    """With defaults where they name nothing."""
    made = settings.parse(GOOD, "mail.toml", small())
    assert (made.smtp.host, made.smtp.port, made.smtp.security) == ("localhost", 587, "starttls")
    assert made.offices["inv"].hours == (time(9), time(17))
    assert (made.offices["inv"].language, made.offices["inv"].reminder) == ("en", 7)
    assert made.offices["det"].attach
    assert made.offices["det"].attach_bytes == 10 << 20
    assert (made.offices["det"].second, made.offices["det"].unfetched_days) == ("", 0)


def test_example_of_the_document_is_right_for_the_built_in_programme() -> None:
    """Whoever copies it has only to put in what is theirs."""
    document = (ROOT / "docs" / "delivery.md").read_text("utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", document, re.DOTALL)
    made = settings.parse(example, "delivery.toml", PROGRAMME)
    assert made.offices["investigators"].language == "es"
    for name in ("smtp", "operator", "office"):
        keys = {
            "smtp": settings._SMTP,
            "operator": settings._Reader(PROGRAMME)._operator,
            "office": settings._Reader(PROGRAMME)._office,
        }[name]
        for key in keys:
            assert re.search(rf"`[\w., ]*\b{key}`", document), key


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('security = "starttls"', 'security = "none"', "smtp.security: must be starttls or tls"),
        ('security = "starttls"', "", "smtp.security: is missing, add it"),
        ("port = 587", "port = 0", "smtp.port: must be a number between"),
        ("port = 587", "port = true", "smtp.port: must be a number between"),
        ("port = 587", "", "smtp.port: is missing, add it"),
        ('host = "localhost"', 'host = "a\\nb"', "smtp.host: must be the name"),
        ('host = "localhost"', 'host = ""', "smtp.host: must be the name"),
        ('host = "localhost"', "", "smtp.host: is missing, add it"),
        ("[smtp]", '[smtp]\npassword = "secret"', "smtp: unknown key password, remove it"),
        ("[smtp]", "[smtp]\nuse_tls = false", "smtp: unknown key use_tls, remove it"),
        ("[smtp]", "[mail]\n[smtp]", "mail: unknown key, remove it"),
        ('user = "intake"', "", "smtp: user and password_file go together"),
        ('user = "intake"', 'user = "a b"', "smtp.user: must be printable"),
        ("[offices.inv]", "[offices.nobody]", "offices.nobody: the programme has no such office"),
        ("[offices.inv]", "[offices.oig]", "offices.oig: holds no keys and gets nothing, name inv"),
        ("[offices.inv]", '[offices."a\\u001b[2J"]', "offices: the programme has no such office"),
        ('["09:00", "17:00"]', "[]", "hours: write hours such as"),
        ('["09:00", "17:00"]', '["9:00"]', "hours: write hours such as"),
        ('["09:00", "17:00"]', '["17:00", "09:00"]', "hours: write hours such as"),
        ('["09:00", "17:00"]', '["09:00", "09:00"]', "hours: write hours such as"),
        ('["09:00", "17:00"]', '["24:00"]', "hours: write hours such as"),
        ('["09:00", "17:00"]', "[9, 17]", "hours: write hours such as"),
        ('["09:00", "17:00"]', '["\\u0660\\u0669:\\u0660\\u0660"]', "hours: write hours such as"),
        ('zone = "UTC"', 'zone = "Mars/Base"', "zone: is no zone"),
        ('zone = "UTC"', 'zone = "../../etc/passwd"', "zone: is no zone"),
        ('zone = "UTC"', 'zone = "/etc/passwd"', "zone: is no zone"),
        ('zone = "UTC"', 'zone = ""', "zone: is no zone"),
        ('zone = "UTC"', 'zone = "Europe"', "zone: is no zone"),
        ('zone = "UTC"', "", "zone: is missing, add it"),
        ("unfetched_days = 3", "unfetched_days = -1", "unfetched_days: must be a number"),
        ("unfetched_days = 3", "unfetched_days = 1.5", "unfetched_days: must be a number"),
        ("unfetched_days = 3", "reminder = 0", "reminder: must be a number"),
        ("attach = true", 'attach = "yes"', "offices.det.attach: write true or false"),
        ("attach = true", "attach_megabytes = 101", "attach_megabytes: must be a number"),
        ("attach = true", 'language = "fr"', "offices.det.language: must be en or es"),
        ("attach = true", "always = 1", "offices.det.always: write true or false"),
        ("attach = true", "atach = true", "offices.det: unknown key atach, remove it"),
        (
            "attach = true",
            "urgent = true\nurgent_hours = 2",
            "det.urgent_hours: needs urgent",
        ),
        ("unfetched_days = 3", "urgent_hours = 2", "inv.urgent_hours: needs urgent = true"),
        ("unfetched_days = 3", "urgent_hours = 100", "urgent_hours: must be a number"),
        ("[operator]", "[operators]", "operator: is missing, add [operator]"),
    ],
)
def test_wrong_value_is_named_by_key_and_mend(old: str, new: str, said: str) -> None:
    """The file's name stands first."""
    assert old in GOOD
    found = wrong(GOOD.replace(old, new, 1))
    assert any(said in line for line in found)
    assert all(line.startswith("mail.toml: ") for line in found)


@pytest.mark.parametrize(
    "address",
    [
        "nobody",
        "a@b",
        "a@b.example, c@d.example",
        "A <a@b.example>",
        "a@b.example\\r\\nBcc: c@d.example",
        "a@b.example\\n",
        " a@b.example",
        "ü@b.example",
        "a@bü.example",
        "a" * 250 + "@b.example",
        "",
    ],
)
@pytest.mark.parametrize("key", ["from", "mail", "notice", "second"])
def test_address_is_one_plain_address_and_never_shown(address: str, key: str) -> None:
    """No second recipient and no line of a head gets in by it."""
    text = re.sub(
        rf'^{key} = ".*"', lambda _: f'{key} = "{address}"', GOOD, count=1, flags=re.MULTILINE
    )
    (found,) = wrong(text)
    assert f".{key}: must be one plain mail address" in found
    assert "b.example" not in found


def test_everything_wrong_is_named_at_once() -> None:
    """Each thing on a line of its own."""
    text = GOOD.replace("587", "0").replace("UTC", "x y").replace("[operator]", "[other]")
    assert len(wrong(text)) == 5


@pytest.mark.parametrize(
    "text",
    ["", "x", "[smtp", "smtp = 1", "offices = []", "a = " + "[" * 5000, "a = " + "9" * 5000, "\0"],
)
def test_what_is_no_settings_is_refused(text: str) -> None:
    """Whatever it is, by a sentence."""
    assert wrong(text)


@given(st.text(max_size=300))
def test_any_text_is_refused_by_a_sentence(text: str) -> None:
    """Nothing else comes out, and nothing of the text."""
    assert all(line.startswith("mail.toml: ") for line in wrong(text))


def test_mend_of_toml_shows_no_value() -> None:
    """An address on the broken line stays in the file."""
    (found,) = wrong('[operator]\nmail = "a@b.example')
    assert found.startswith("mail.toml: is no TOML (at ")
    assert "b.example" not in found


def test_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Missing, too long, or not UTF-8."""
    path = tmp_path / "mail.toml"
    assert "check the path" in settings.problems(path, small())[0]
    path.write_bytes(b"\xff")
    assert settings.problems(path, small()) == ("mail.toml: is not UTF-8, save it as UTF-8",)
    path.write_bytes(b"#" * (2 << 20))
    assert "too long" in settings.problems(path, small())[0]


def test_password_and_certificates_are_looked_at(tmp_path: Path, known: Authority) -> None:
    """Both at once, and neither is shown."""
    path, password = tmp_path / "mail.toml", keep_password(tmp_path)
    path.write_text(toml(587, known.ca_file, password))
    assert settings.problems(path, small()) == ()
    password.chmod(0o644)
    path.write_text(toml(587, tmp_path / "none.pem", password))
    found = settings.problems(path, small())
    assert [line.partition(",")[0] for line in found] == [
        "mail.toml: smtp.ca_file: cannot be read as certificates in PEM",
        "mail.toml: smtp.password_file: everybody may read it",
    ]
    password.chmod(0o600)
    for content in ("", "two\nlines\n", "with blank", "pässword", "\x07"):
        password.write_text(content)
        (line,) = settings.problems(path, small())[1:]
        assert "must hold one line" in line
    password.write_bytes(b"\xff")
    assert "must hold one line" in settings.problems(path, small())[1]
    password.unlink()
    assert "check the path" in settings.problems(path, small())[1]
    (tmp_path / "none.pem").write_text("no certificate")
    assert "smtp.ca_file: cannot be read" in settings.problems(path, small())[0]


@pytest.mark.parametrize("has_file", [True, False])
def test_certificate_and_its_name_are_always_looked_at(known: Authority, *, has_file: bool) -> None:
    """What the worker dials with: with an authority of its own too."""
    ca_file = str(known.ca_file) if has_file else ""
    made = settings.context(
        settings.Smtp("mail.example.org", 465, "tls", "a@b.example", "", "", ca_file)
    )
    assert (made.check_hostname, made.verify_mode) == (True, ssl.CERT_REQUIRED)


def test_check_names_what_is_wrong_with_mail(tmp_path: Path) -> None:
    """Beside what is wrong with keys; without the setting there is nothing to say."""
    path = tmp_path / "mail.toml"
    path.write_text("[smtp]\n")
    env = {"INTAKE_KEYS": str(tmp_path)}
    silent = CliRunner().invoke(command, ["check"], env=env)
    assert "mail.toml" not in str(silent.exception)
    found = CliRunner().invoke(command, ["check"], env={**env, "INTAKE_DELIVERY": str(path)})
    assert "mail.toml: operator: is missing, add [operator]" in str(found.exception)
    assert "mail.toml: smtp.host: is missing, add it" in str(found.exception)
