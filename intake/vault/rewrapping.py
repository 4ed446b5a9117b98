"""What is still open at the server, sealed anew to the keys that an office has today.

Rules: only headers travel, so nothing counts as fetched and no payload changes; each new header is
opened with one's own key before the old one is given up; one entry that cannot be sealed anew is
named and never blocks the others.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from intake.client import Office
from intake.crypto import opening
from intake.crypto.age import HybridRecipient
from intake.crypto.header import Header
from intake.crypto.seal import SealedHeader
from intake.crypto.unseal import HybridIdentity, Identity, file_key_of
from intake.errors import IntakeError, LoginError, UnreachableError

_LOST = 3
"""Entries in a row for which no server answers: then the line is gone, and the rest can wait."""


@dataclass(frozen=True)
class Outcome:
    """What became of one entry, the `number`th of `of`; `problem` is None where it was done."""

    number: int
    of: int
    entry: str
    problem: IntakeError | None


@dataclass(frozen=True)
class Rewrapping:
    """One run over what an office may fetch. `log_in` gives a fresh session."""

    log_in: Callable[[], Office]
    identities: Sequence[Identity]
    recipients: Sequence[HybridRecipient]

    @property
    def own(self) -> list[HybridIdentity]:
        """The identities at hand that must open what is sealed anew."""
        return [
            identity
            for identity in self.identities
            if isinstance(identity, HybridIdentity) and identity.recipient() in self.recipients
        ]

    def run(self, *, is_dry: bool = False) -> Iterator[Outcome]:
        """Go through all entries; raises LoginError, KeyringError, ServerError.

        UnreachableError ends it only where three entries in a row found no server.
        """
        office = self.log_in()
        try:
            names, lost = list(office.items()), 0
            for number, name in enumerate(names, 1):
                problem: IntakeError | None = None
                try:
                    office = self._one(office, name, is_dry=is_dry)
                    lost = 0
                except IntakeError as error:
                    problem = error
                    lost = lost + 1 if isinstance(error, UnreachableError) else 0
                yield Outcome(number, len(names), name, problem)
                if lost == _LOST and problem:
                    raise problem
        finally:
            office.server.close()

    def _one(self, office: Office, name: str, *, is_dry: bool) -> Office:
        """Seal one entry anew; return the session, another one where it had ended."""
        try:
            self._seal(office, name, is_dry=is_dry)
        except LoginError:  # a quarter of an hour is over
            office.server.close()
            office = self.log_in()
            self._seal(office, name, is_dry=is_dry)
        return office

    def _seal(self, office: Office, name: str, *, is_dry: bool) -> None:
        before = office.header(name)
        made = opening.rewrap(SealedHeader(before), self.identities, self.recipients)
        for identity in self.own:  # before the one that opens is gone
            file_key_of(Header.parse(made.value), [identity])
        if not is_dry:
            office.rewrap(name, before, made)
