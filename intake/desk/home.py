"""Where an investigator's program keeps what is hers: her identity, and her vault."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

NAME = "intake-desk"


@dataclass(frozen=True)
class Home:
    """A folder with the sealed identity file, and the folder of the vault."""

    folder: Path

    @property
    def identity(self) -> Path:
        """The identity file, sealed with the passphrase."""
        return self.folder / "identity.age"

    @property
    def vault(self) -> Path:
        """The folder of the vault."""
        return self.folder / "vault"

    @property
    def is_there(self) -> bool:
        """Whether the first start is behind her."""
        return self.identity.is_file() and self.vault.is_dir()


def usual(environ: Mapping[str, str], platform: str, user: PurePath) -> PurePath:
    """Return the folder where this system's programs keep their data, ours in it."""
    if platform == "win32":
        return type(user)(environ.get("LOCALAPPDATA") or user / "AppData" / "Local") / NAME
    if platform == "darwin":
        return user / "Library" / "Application Support" / NAME
    return type(user)(environ.get("XDG_DATA_HOME") or user / ".local" / "share") / NAME
