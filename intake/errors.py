"""Every error Intake raises on purpose. Imports nothing, so every layer may use it.

Rules: a message is lower case, has no full stop, says what to do next, and never holds a
word a person typed, an address or a key. Only the command line and the error handlers of
the web faces show it.
"""


class IntakeError(Exception):
    """The root: what went wrong and what to do next, safe to show and to log."""


# What is wrong with a file in age's format


class AgeError(IntakeError):
    """An age file cannot be read."""


class ArmorError(AgeError):
    """The PEM-like text around an age file is not exactly as it must be."""


class HeaderError(AgeError):
    """The header breaks the grammar, or a stanza in it breaks its own rules."""


class HeaderMacError(AgeError):
    """A key fits, but the header was altered after it was written."""


class NoMatchError(AgeError):
    """None of the identities given opens this file."""


class PayloadError(AgeError):
    """The payload was cut off or altered; what came before it was authentic."""


class KeyTextError(IntakeError):
    """A recipient, an identity or a file of them is not written as it must be."""


# What is wrong with what we were given to work with


class ConfigError(IntakeError):
    """A setting is missing, unknown or out of its range."""


class ProgrammeError(IntakeError):
    """A programme file breaks its rules; names line or key, and the mend."""


class KeyringError(IntakeError):
    """The folder of office keys cannot be used."""


class KeyExpiredError(KeyringError):
    """A key is authentic, but not one its office uses today."""


class ShareError(IntakeError):
    """A share of a split key is not as it was written, or does not go with the others."""


# What is wrong with what a person or a peer sent


class ReportError(IntakeError):
    """A report breaks the rules of its questions."""


class EvidenceError(IntakeError):
    """A file is not what was said of it, or cannot be taken.

    `code` is `form`, `missing` (not whole in the store), `too_large`, `full` (the disk), `busy`,
    `slots`, `offset` (the upload stands elsewhere), `version`, `type` or `altered`.
    """

    def __init__(self, message: str, code: str = "form") -> None:
        """Keep a code, never a name."""
        super().__init__(message)
        self.code = code


class PictureError(EvidenceError):
    """A picture cannot be shown as pixels: it is damaged, too large, or made to do harm."""


class ParcelError(IntakeError):
    """What the offline form saved is not as it was saved, or is not for this server."""


class ReceiptError(IntakeError):
    """What was typed is no receipt.

    `code` is `count`, `unknown` or `language`; `places` (from 1) are those that fit no list.
    """

    def __init__(self, message: str, code: str, places: tuple[int, ...] = ()) -> None:
        """Keep the places, never the words."""
        super().__init__(message)
        self.code = code
        self.places = places


class EntryError(IntakeError):
    """An opened entry is not what its writer must have written."""


class MismatchError(EntryError):
    """The names inside an entry are not those it was filed under: set it aside."""


class ForgedError(EntryError):
    """An entry's writer is not who it says: set it aside."""


class AnswerError(IntakeError):
    """An office cannot answer in this case, or not so."""


class WireError(IntakeError):
    """A message between client and server breaks the protocol."""


class LoginError(IntakeError):
    """An office could not prove itself, or a server asked for what no login may ask."""


class ServerError(IntakeError):
    """A server refused or could not be reached."""


class RefusedError(ServerError):
    """A server looked at what was sent and does not take it; sent again, neither."""


class UnreachableError(ServerError):
    """No answer came: what was sent may have arrived, or not; what follows would fail too."""


class DeliveryError(IntakeError):
    """A mail could not be handed over.

    `code` is a class of `delivery.sender.STEPS`; `is_certain` where the server surely did not take
    the mail; `is_line_usable` where the next mail can go over the same line.
    """

    def __init__(self, code: str, *, is_certain: bool = True, is_line_usable: bool = False) -> None:
        """Keep a code, never what a server said: it may name people."""
        super().__init__(f"a mail could not be handed over ({code}), see: intake outbox")
        self.code = code
        self.is_certain = is_certain
        self.is_line_usable = is_line_usable


# What the store says


class StoreError(IntakeError):
    """The store could not keep or find what it was asked for."""


class NotSealedError(StoreError):
    """Something that is not a sealed entry was about to be stored."""


class ConflictError(StoreError):
    """This case was filed before, with another content."""


class NotFoundError(StoreError):
    """Nothing is kept under this name."""


class BackupError(IntakeError):
    """A backup cannot be made, is not whole, or may not be restored here."""


class ClosingError(IntakeError):
    """A step of a programme's end comes too early, or misses what it needs."""


class UnsafeError(IntakeError):
    """`check` found what no live server may start with."""


# What an investigator's vault says


class VaultError(IntakeError):
    """The vault cannot be used."""


class VaultLockedError(VaultError):
    """The vault is locked, by command or since nobody used it."""


class VaultBusyError(VaultError):
    """Another program has this vault open."""


class VaultKeyError(VaultError):
    """The identity given is not one that opens this vault."""


class VaultDamagedError(VaultError):
    """A file of the vault was cut off, altered or lost."""


class VaultVersionError(VaultError):
    """A newer program wrote this vault."""


class VaultFullError(VaultError):
    """The disk takes no more; what was kept before is whole."""


class CustodyError(IntakeError):
    """A custody log was altered; names the first link that does not hold."""
