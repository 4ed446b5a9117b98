"""The locks agree with pyproject.toml, pin every file by hash and name no machine's own index."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ["requirements.txt", "requirements-dev.txt", "requirements-desk.txt"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def pins(lock: str) -> dict[str, tuple[Requirement, list[str]]]:
    """Return the pins of a lock by name, each with its hashes."""
    text = (ROOT / lock).read_text().replace("\\\n", " ")
    found: dict[str, tuple[Requirement, list[str]]] = {}
    for line in text.splitlines():
        if line and not line.lstrip().startswith("#"):
            requirement, *hashes = re.split(r"\s+--hash=", line.strip())
            pin = Requirement(requirement)
            assert canonicalize_name(pin.name) not in found, f"{pin.name} is pinned twice"
            found[canonicalize_name(pin.name)] = (pin, hashes)
    return found


def missing(requirements: list[str], lock: str) -> list[str]:
    """Return the requirements that the lock does not meet."""
    locked = pins(lock)
    lacking = []
    for line in requirements:
        wanted = Requirement(line)
        pin, _ = locked.get(canonicalize_name(wanted.name), (None, []))
        version = next(iter(pin.specifier)).version if pin else ""
        if not pin or not wanted.specifier.contains(version):
            lacking.append(line)
    return lacking


def test_runtime_lock_meets_the_server_and_the_build() -> None:
    """`pip install --no-build-isolation .[server]` needs nothing that the lock does not pin."""
    project = PROJECT["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["server"]

    assert not missing(wanted + PROJECT["build-system"]["requires"], "requirements.txt")


def test_desk_lock_meets_the_desk_and_the_build() -> None:
    """An investigator's machine installs what was tested, by hash, and no server."""
    project = PROJECT["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["desk"]

    assert not missing(wanted + PROJECT["build-system"]["requires"], "requirements-desk.txt")
    assert not {"gunicorn", "sqlalchemy", "alembic"} & pins("requirements-desk.txt").keys()


def test_development_lock_meets_everything() -> None:
    """Every extra and every group is checked in one environment."""
    wanted = list(PROJECT["project"]["dependencies"])
    for extra in PROJECT["project"]["optional-dependencies"].values():
        wanted += extra
    for group in PROJECT["dependency-groups"].values():
        wanted += group

    assert not missing(wanted, "requirements-dev.txt")


def test_build_group_is_what_the_build_requires() -> None:
    """The two lists say the same, since only groups can be locked."""
    assert PROJECT["dependency-groups"]["build"] == PROJECT["build-system"]["requires"]


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-desk.txt"])
def test_locks_agree_with_each_other(lock: str) -> None:
    """What is tested is what is served, and what reads."""
    development = pins("requirements-dev.txt")

    assert {name: str(pin) for name, (pin, _) in pins(lock).items()} == {
        name: str(development[name][0]) for name in pins(lock)
    }


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_is_exact_and_hashed(lock: str) -> None:
    """A file that was swapped at the registry is refused."""
    for name, (pin, hashes) in pins(lock).items():
        assert [part.operator for part in pin.specifier] == ["=="], name
        assert hashes, name
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", value) for value in hashes), name


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_no_index(lock: str) -> None:
    """Where packages come from is the installing machine's own setting."""
    text = (ROOT / lock).read_text()

    assert not re.search(
        r"^\s*(--(find-links|index-url|extra-index-url)|-[fi])\b", text, re.MULTILINE
    )
    assert "://" not in text


def test_npm_lock_names_public_files_with_their_digests() -> None:
    """`npm ci` takes what was locked, from the public registry, or stops."""
    lock = json.loads((ROOT / "tests" / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}

    assert packages
    for name, entry in packages.items():
        assert entry["resolved"].startswith("https://registry.npmjs.org/"), name
        assert entry["integrity"].startswith("sha512-"), name


def test_npm_versions_are_exact() -> None:
    """An independent implementation that changes by itself proves nothing."""
    wanted = json.loads((ROOT / "tests" / "package.json").read_text())["devDependencies"]
    locked = json.loads((ROOT / "tests" / "package-lock.json").read_text())["packages"]

    assert wanted == {name: locked[f"node_modules/{name}"]["version"] for name in wanted}
