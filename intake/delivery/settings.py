"""The settings of mail: a TOML file of its own, read once and strictly.

Rules: no plain line to a mail server can be asked for; no password stands in the file; every
problem is named at once, by its key and the mend, and never by an address.
"""

import re
import ssl
import stat
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

from intake.core.programme import Programme
from intake.errors import ConfigError
from intake.web import i18n

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_LONGEST_ADDRESS = 254
"""RFC 5321 gives a path 256 octets, two of which are its brackets."""
_HOST = re.compile(r"[A-Za-z0-9.:-]{1,253}")
_HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_ZONE = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*")
_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_MOST_HOURS = 24
_MOST_DAYS = 365
_MOST_URGENT_HOURS = 72
_MOST_MEGABYTES = 100
_LONGEST_FILE = 1 << 20
"""Bytes of the settings; a thousand offices take less."""
_READABLE_BY_ALL = 0o007


@dataclass(frozen=True)
class Smtp:
    """The mail server that takes our mail. `security` is `starttls` or `tls`: there is no other."""

    host: str
    port: int
    security: str
    sender: str
    user: str = ""
    password_file: str = ""
    ca_file: str = ""


@dataclass(frozen=True)
class OfficeMail:
    """What an office gets by mail, where and when.

    `second` is a second reader's address. `attach_bytes` bounds the files that go with an entry.
    After `unfetched_days` (0 never) others are told, and again every `reminder` days. With `urgent`
    a report so marked is told at once, and after `urgent_hours` (0 never) to the second reader.
    """

    notice: str
    hours: tuple[time, ...]
    zone: ZoneInfo
    language: str
    second: str = ""
    attach: bool = False
    attach_bytes: int = 0
    unfetched_days: int = 0
    reminder: int = 7
    always: bool = False
    urgent: bool = False
    urgent_hours: int = 0


@dataclass(frozen=True)
class Settings:
    """Everything that mail needs to know."""

    smtp: Smtp
    operator: str
    operator_language: str
    offices: Mapping[str, OfficeMail]


def read(path: Path, programme: Programme) -> Settings:
    """Return the settings of a file; raises ConfigError with a line for each thing wrong."""
    try:
        with path.open("rb") as file:
            text = file.read(_LONGEST_FILE + 1)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}, check the path") from error
    if len(text) > _LONGEST_FILE:
        raise ConfigError(f"{path.name}: is no file of settings, it is too long")
    try:
        return parse(text.decode("utf-8"), path.name, programme)
    except UnicodeDecodeError:
        raise ConfigError(f"{path.name}: is not UTF-8, save it as UTF-8") from None


def parse(text: str, name: str, programme: Programme) -> Settings:
    """Return the settings written in TOML `text`; `name` is the file shown in errors.

    Raises ConfigError, with one line for each thing that is wrong.
    """
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # tomllib lets the errors of int() through
        raise ConfigError(f"{name}: {_said(error)}, mend the TOML there") from error
    reader = _Reader(programme)
    settings = reader.settings(table)
    if settings is None:
        raise ConfigError("\n".join(f"{name}: {problem}" for problem in reader.problems))
    return settings


def problems(path: Path, programme: Programme) -> tuple[str, ...]:
    """Return a line for each thing that is wrong with the file and those that it names."""
    try:
        smtp = read(path, programme).smtp
    except ConfigError as error:
        return tuple(str(error).splitlines())
    found = []
    for make in (context, password):
        try:
            make(smtp)
        except ConfigError as error:
            found.append(f"{path.name}: {error}")
    return tuple(found)


def context(smtp: Smtp) -> ssl.SSLContext:
    """Return what checks the server's certificate and name; raises ConfigError."""
    try:
        return ssl.create_default_context(cafile=smtp.ca_file or None)
    except OSError as error:  # ssl's own errors are OSErrors too
        raise ConfigError(
            "smtp.ca_file: cannot be read as certificates in PEM, correct the path or the file"
        ) from error


def password(smtp: Smtp) -> str:
    """Return the password, empty where none is needed; raises ConfigError."""
    if not smtp.password_file:
        return ""
    path = Path(smtp.password_file)
    try:
        if stat.S_IMODE(path.stat().st_mode) & _READABLE_BY_ALL:
            raise ConfigError("smtp.password_file: everybody may read it, run: chmod 640 on it")
        text = path.read_text("utf-8").removesuffix("\n")
    except OSError as error:
        raise ConfigError(f"smtp.password_file: {error.strerror}, check the path") from error
    except UnicodeDecodeError:
        text = ""
    if not _PRINTABLE.fullmatch(text):
        raise ConfigError(
            "smtp.password_file: must hold one line, without blanks, of ASCII, correct it"
        )
    return text


def _said(error: Exception) -> str:
    """Return what tomllib says, without what stands in the file."""
    where = re.search(r"\(at line \d+, column \d+\)|\(at end of document\)", str(error))
    return f"is no TOML {where[0]}" if where else "is no TOML"


Check = Callable[[object], str]
"""Returns the mend of a value, empty where it is right."""


@dataclass(frozen=True)
class _Key:
    """A key of a table: its default, none where it is required, and the mend of its value."""

    check: Check
    default: object = None


def _text(mend: str, pattern: re.Pattern[str], longest: int = 253) -> Check:
    def check(value: object) -> str:
        is_good = isinstance(value, str) and len(value) <= longest and pattern.fullmatch(value)
        return "" if is_good else mend

    return check


def _one_of(*names: str) -> Check:
    mend = f"must be {' or '.join(names)}, correct it"
    return lambda value: "" if value in names and isinstance(value, str) else mend


def _number(low: int, high: int) -> Check:
    mend = f"must be a number between {low} and {high}, correct it"
    return lambda value: "" if type(value) is int and low <= value <= high else mend


def _boolean(value: object) -> str:
    return "" if isinstance(value, bool) else "write true or false"


def _zone(value: object) -> str:
    mend = 'is no zone such as "America/Tijuana", correct it, or install tzdata'
    if not isinstance(value, str) or not _ZONE.fullmatch(value):
        return mend
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        return mend
    return ""


def _hours(value: object) -> str:
    mend = 'write hours such as ["09:00", "17:00"], in order, at most 24'
    if not isinstance(value, list) or not 0 < len(value) <= _MOST_HOURS:
        return mend
    if not all(isinstance(one, str) and _HOUR.fullmatch(one) for one in value):
        return mend
    return "" if value == sorted(set(value)) else mend


_MAIL = _text(
    "must be one plain mail address, such as office@example.org, correct it",
    _ADDRESS,
    _LONGEST_ADDRESS,
)
_PATH = _text("must be the path of a file, correct it", re.compile(r"[^\0\n\r]{1,4096}"), 4096)

_SMTP = {
    "host": _Key(_text("must be the name of the mail server, correct it", _HOST)),
    "port": _Key(_number(1, 65535)),
    "security": _Key(_one_of("starttls", "tls")),
    "from": _Key(_MAIL),
    "user": _Key(
        _text("must be printable ASCII without blanks, correct it", _PRINTABLE), default=""
    ),
    "password_file": _Key(_PATH, default=""),
    "ca_file": _Key(_PATH, default=""),
}


class _Reader:
    """Reads tables of TOML and collects what is wrong with them."""

    def __init__(self, programme: Programme) -> None:
        self.problems: list[str] = []
        self._programme = programme
        known = [code for code in programme.languages if i18n.is_translated(code)]
        first = known[0] if known else i18n.SOURCE
        language = _Key(_one_of(*(known or [i18n.SOURCE])), first)
        self._operator = {"mail": _Key(_MAIL), "language": language}
        self._office = {
            "notice": _Key(_MAIL),
            "hours": _Key(_hours),
            "zone": _Key(_zone),
            "language": language,
            "second": _Key(_MAIL, ""),
            "attach": _Key(_boolean, default=False),
            "attach_megabytes": _Key(_number(0, _MOST_MEGABYTES), 10),
            "unfetched_days": _Key(_number(0, _MOST_DAYS), 0),
            "reminder": _Key(_number(1, _MOST_DAYS), 7),
            "always": _Key(_boolean, default=False),
            "urgent": _Key(_boolean, default=False),
            "urgent_hours": _Key(_number(0, _MOST_URGENT_HOURS), 0),
        }

    def settings(self, table: Mapping[str, object]) -> Settings | None:
        """Return the settings, None where anything is wrong."""
        for name in table.keys() - {"smtp", "operator", "offices"}:
            self.problems.append(f"{name}: unknown key, remove it")
        smtp = self._table("smtp", table.get("smtp"), _SMTP)
        operator = self._table("operator", table.get("operator"), self._operator)
        offices = self._offices(table.get("offices"))
        if bool(smtp.get("user")) != bool(smtp.get("password_file")):
            self.problems.append("smtp: user and password_file go together, add or remove one")
        if self.problems:
            self.problems.sort()
            return None
        smtp["sender"] = smtp.pop("from")
        return Settings(
            Smtp(**smtp),  # type: ignore[arg-type] # checked key by key
            str(operator["mail"]),
            str(operator["language"]),
            {name: _office(values) for name, values in offices.items()},
        )

    def _offices(self, found: object) -> dict[str, dict[str, object]]:
        if not isinstance(found, dict) or not found:
            self.problems.append("offices: name at least one, as [offices.ID]")
            return {}
        readers = {office.id: office.read_by for office in self._programme.offices}
        offices = {}
        for name, table in found.items():
            where = f"offices.{name}" if re.fullmatch(r"[\w-]{1,64}", name) else "offices"
            if name not in readers:
                self.problems.append(f"{where}: the programme has no such office, correct it")
            elif readers[name] != name:
                mend = f"name {readers[name]}, which reads for it"
                self.problems.append(f"{where}: holds no keys and gets nothing, {mend}")
            offices[name] = made = self._table(where, table, self._office)
            if made.get("urgent_hours") and not (made.get("urgent") and made.get("second")):
                self.problems.append(
                    f"{where}.urgent_hours: needs urgent = true and second, add them"
                )
        return offices

    def _table(self, where: str, found: object, keys: Mapping[str, _Key]) -> dict[str, object]:
        """Return the values of a table, defaults where it names none."""
        if not isinstance(found, dict):
            self.problems.append(f"{where}: is missing, add [{where}]")
            return {}
        for name in found.keys() - keys.keys():
            shown = name if re.fullmatch(r"[\w-]{1,64}", name) else "one of its keys"
            self.problems.append(f"{where}: unknown key {shown}, remove it")
        values = {}
        for name, key in keys.items():
            values[name] = value = found.get(name, key.default)
            if name not in found and key.default is None:
                self.problems.append(f"{where}.{name}: is missing, add it")
            elif name in found and (mend := key.check(value)):
                self.problems.append(f"{where}.{name}: {mend}")
        return values


def _office(values: Mapping[str, object]) -> OfficeMail:
    given = dict(values)
    hours = given.pop("hours")
    assert isinstance(hours, Sequence)
    given["hours"] = tuple(time.fromisoformat(hour) for hour in hours)
    given["zone"] = ZoneInfo(str(given["zone"]))
    megabytes = given.pop("attach_megabytes")
    assert isinstance(megabytes, int)
    return OfficeMail(**given, attach_bytes=megabytes << 20)  # type: ignore[arg-type] # as above
