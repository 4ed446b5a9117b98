"""The server's settings: one TOML file and INTAKE_* variables, read once, variables first.

Every setting has a default and a reason; `intake config` prints them. Unknown names are
refused, so a typo never becomes a silent default.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from intake.errors import ConfigError
from intake.server.circuits import is_near

PREFIX = "INTAKE_"


@dataclass(frozen=True)
class Config:
    """Every setting, parsed and in range."""

    programme: str = ""
    keys: str = "keys"
    data: str = "data"
    delivery: str = ""
    origin: str = "http://127.0.0.1:8080"
    bind: str = "127.0.0.1:8080"
    workers: int = 2
    threads: int = 16
    proxies: int = 0
    circuits: bool = False
    seal_without_script: bool = True
    file_megabytes: int = 2048
    disk_megabytes: int = 1024
    backup: str = ""
    backup_keys: str = ""
    backup_days: int = 30
    posts_per_minute: int = 12_000
    posts_per_address: int = 120
    logins_per_address: int = 30
    parts_per_address: int = 6_000

    @property
    def file_bytes(self) -> int:
        """The largest file taken, sealed."""
        return self.file_megabytes << 20

    @property
    def https(self) -> bool:
        """Whether people reach the server by HTTPS."""
        return self.origin.startswith("https://")


REASONS = {
    "programme": "path of the programme's TOML file; empty is the built-in one",
    "keys": "folder of the offices' public keys, one age recipients file each",
    "data": "folder of the database; nothing else is written",
    "delivery": "path of the TOML file of mail to offices; empty sends none",
    "origin": "the address people type: forms must come from it, and office logins are bound to it",
    "bind": "host:port or unix:path to listen on; loopback, since a proxy or onion stands in front",
    "workers": "processes; one for each core seals as many reports as the machine can",
    "threads": "threads in each process: half of them may wait for lines that take minutes, so "
    "that many slow telephones at once leave the next one a place",
    "proxies": "how many proxies of yours stand in front and set X-Forwarded-For; 0 trusts none",
    "circuits": "whether Tor stands in front and names each circuit (HiddenServiceExportCircuitID "
    "haproxy): each is counted as an address of its own; whatever comes without is refused",
    "seal_without_script": "whether the server seals, in memory, for pages without script",
    "file_megabytes": "the largest file taken, in MiB: a long video of a telephone; 0 takes none",
    "disk_megabytes": "MiB of the disk that files may not fill: reports must always have room",
    "backup": "folder of backups, best on another machine's disk; empty makes none",
    "backup_keys": "file of the public keys that backups are sealed to; their identities are kept "
    "elsewhere, or whoever takes this machine opens the backups too",
    "backup_days": "how many days a snapshot is kept: as long, what was deleted can lie in one",
    "posts_per_minute": "forms taken in a minute from everyone: what two workers can seal; "
    "a budget for all, since a cap for each office would let anybody silence one",
    "posts_per_address": "forms in a minute from one address: twenty people in one shelter, "
    "six pages each",
    "parts_per_address": "parts of files in a minute from one address: a hundred megabytes a "
    "second, in the MiB that a browser sends at once",
    "logins_per_address": "office logins in a minute from one address: keys cannot be guessed, "
    "this spares the processor",
}

_RANGES = {
    "workers": (1, 64),
    "threads": (1, 256),
    "proxies": (0, 4),
    "file_megabytes": (0, 1_000_000),
    "disk_megabytes": (0, 100_000_000),
    "backup_days": (1, 3650),
    "posts_per_minute": (1, 10_000_000),
    "posts_per_address": (1, 10_000_000),
    "parts_per_address": (1, 10_000_000),
    "logins_per_address": (1, 10_000_000),
}


def read(environ: Mapping[str, str], file: Path | None = None) -> Config:
    """Return the settings of a file, overridden by INTAKE_* variables; raises ConfigError."""
    values: dict[str, object] = _file(file) if file else {}
    kinds = {item.name: type(item.default) for item in fields(Config)}
    for name, text in environ.items():
        if name.startswith(PREFIX):
            values[name.removeprefix(PREFIX).lower()] = text
    parsed: dict[str, Any] = {}
    for name, value in values.items():
        if name not in kinds:
            raise ConfigError(f"{name}: no such setting, list them: intake config")
        parsed[name] = _value(name, value, kinds[name])
    config = Config(**parsed)
    _check_origin(config.origin)
    return config


def contradictions(config: Config) -> tuple[str, ...]:
    """Return a line for each pair of settings of which one makes the other wrong."""
    host = urlsplit(config.origin).hostname or ""
    found = (
        (
            config.circuits and not is_near(config.bind),
            "circuits: bind must be loopback or unix:, or others than Tor name circuits",
        ),
        (
            config.circuits and config.proxies > 0,
            "circuits: set proxies to 0, or visitors choose the address that is counted",
        ),
        (
            config.proxies > 0 and host.endswith(".onion"),
            "proxies: set 0 for an onion, Tor sets no X-Forwarded-For and visitors may",
        ),
        (
            config.proxies == 0 and config.https,
            "proxies: set how many of yours stand in front, or all visitors count as one",
        ),
        (
            bool(config.backup) != bool(config.backup_keys),
            "backup: set backup and backup_keys, or neither",
        ),
    )
    return tuple(line for is_wrong, line in found if is_wrong)


def describe(config: Config) -> str:
    """Return every setting with its value, its default and its reason, as a TOML file."""
    lines = []
    for item in fields(Config):
        default = "" if getattr(config, item.name) == item.default else " (set)"
        lines += [
            f"# {REASONS[item.name]}",
            f"# default: {_toml(item.default)}{default}",
            f"{item.name} = {_toml(getattr(config, item.name))}",
            "",
        ]
    return "\n".join(lines)


def _file(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}, check the path") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: {error}, mend the TOML there") from error


def _value(name: str, value: object, kind: type) -> object:
    if kind is bool and isinstance(value, str):
        if value.lower() not in ("true", "false"):
            raise ConfigError(f"{name}: write true or false")
        return value.lower() == "true"
    if kind is int and isinstance(value, str) and value.isdecimal():
        value = int(value)
    if type(value) is not kind:
        raise ConfigError(f"{name}: must be a {kind.__name__}, correct the value")
    if name in _RANGES and isinstance(value, int):
        low, high = _RANGES[name]
        if not low <= value <= high:
            raise ConfigError(f"{name}: must lie between {low} and {high}")
    return value


def _check_origin(origin: str) -> None:
    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https") or not parts.netloc or origin != origin.rstrip("/"):
        raise ConfigError("origin: write it as https://host without a path or final slash")
    if parts.path or parts.query or parts.fragment:
        raise ConfigError("origin: write it as https://host without a path or final slash")


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else f'"{value}"'
