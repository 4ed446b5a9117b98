"""An office's keys and identities in real files, for the commands that change them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result

from intake.cli import intake as command
from intake.crypto.age import ScryptRecipient
from intake.crypto.keyfile import KeyFile
from intake.crypto.keyring import OfficeKey
from intake.crypto.unseal import HybridIdentity, open_identities_file

PASSPHRASE = "a passphrase of five words"
CHEAP = 10
"""Work of a passphrase in tests: a millisecond, not a second."""


def cheap(passphrase: str) -> ScryptRecipient:
    """Return what seals to a passphrase that is quick to try."""
    return ScryptRecipient(passphrase, CHEAP)


@dataclass(frozen=True)
class Keys:
    """A folder of public keys and, beside it, one of identities."""

    folder: Path
    office: str = "investigators"

    @property
    def public(self) -> Path:
        """The folder of public keys."""
        return self.folder / "keys"

    @property
    def path(self) -> Path:
        """The office's file."""
        return self.public / f"{self.office}.txt"

    @property
    def file(self) -> KeyFile:
        """What stands in it."""
        return KeyFile(self.path.name, self.path.read_bytes().decode())

    def key(self, name: str) -> OfficeKey:
        """Return the public key of an identity."""
        wanted = self.identity(name).recipient()
        return next(key for key in self.file.keys if key.recipient == wanted)

    def identity(self, name: str) -> HybridIdentity:
        """Open an identity with its passphrase."""
        data = (self.folder / name).read_bytes()
        (key,) = open_identities_file(data, lambda: PASSPHRASE)
        assert isinstance(key, HybridIdentity)
        return key

    def run(self, *arguments: str, typed: str | None = None) -> Result:
        """Return what a command of keys gave."""
        return CliRunner().invoke(command, ["keys", *arguments], input=typed)

    def change(self, name: str, *arguments: str) -> Result:
        """Run one that works on the office's file."""
        return self.run(name, self.office, "--keys", str(self.public), *arguments)

    def make(self, name: str, identity: str, *more: str) -> Result:
        """Run one that makes an identity."""
        return self.change(name, *self.into(identity), *more)

    def into(self, identity: str) -> Sequence[str]:
        """Return the options that name an identity and its passphrase."""
        passphrase = self.folder / "passphrase"
        passphrase.write_text(PASSPHRASE)
        return "--identity", str(self.folder / identity), "--passphrase-file", str(passphrase)

    def have(self) -> "Keys":
        """Make a working and a recovery key."""
        for name, role in (("old.age", "working"), ("recovery.age", "recovery")):
            made = self.make("new", name, "--role", role)
            assert made.exit_code == 0, (made.output, made.exception)
        return self
