"""New words, opened in memory for one request: they give what the lost ones gave."""

from intake.crypto import opening
from intake.crypto.derive import WitnessKeys


def unwrap(wrapped: bytes, new: WitnessKeys) -> WitnessKeys:
    """Return what a keeper sealed to new words; raises AgeError, EntryError."""
    return opening.unwrap(wrapped, new)
