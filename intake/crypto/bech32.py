"""Bech32, the text form of age's recipients and identities.

Source: BIP 173 (checksum, alphabet, case), without its limit of 90 characters, as the age
specification asks: a post-quantum recipient has 1,959.

Rules kept here: one text for one value. Mixed case, a wrong checksum, a wrong alphabet, left-over
bits that are not zero and an incomplete last group are refused.
"""

import base64
import binascii

from intake.errors import KeyTextError

# BIP 173, section "Bech32": the 32 characters of the data part, in order of their value.
_ALPHABET = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l"
# RFC 4648, section 6. Both alphabets spell the same five-bit groups.
_RFC4648 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_TO_RFC4648 = bytes.maketrans(_ALPHABET, _RFC4648)
_FROM_RFC4648 = bytes.maketrans(_RFC4648, _ALPHABET)
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}

# BIP 173, section "Checksum".
_CHECKSUM_LENGTH = 6
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_LOW_25_BITS = 0x1FFFFFF

# BIP 173: the human-readable part holds printable US-ASCII only.
_FIRST_PRINTABLE = 33
_LAST_PRINTABLE = 126


def _feedback(top: int) -> int:
    """Return what the five bits shifted out of the checksum add to it."""
    total = 0
    for bit, generator in enumerate(_GENERATOR):
        if top >> bit & 1:
            total ^= generator
    return total


# One table instead of five tests per character: a recipient has almost 2,000 of them.
_FEEDBACK = tuple(_feedback(top) for top in range(32))


def encode(hrp: str, data: bytes) -> str:
    """Return `data` as Bech32 text under the lower-case human-readable part `hrp`.

    Raises KeyTextError where `hrp` is empty, not lower case or not printable.
    """
    if not _is_hrp(hrp) or hrp != hrp.lower():
        raise KeyTextError("the prefix of a key must be printable and lower case")
    body = base64.b32encode(data).rstrip(b"=").translate(_FROM_RFC4648)
    tail = _checksum(hrp, body + b"q" * _CHECKSUM_LENGTH) ^ 1
    check = bytes(_ALPHABET[tail >> 5 * place & 31] for place in range(5, -1, -1))
    return f"{hrp}1{(body + check).decode('ascii')}"


def decode(text: str) -> tuple[str, bytes]:
    """Return the human-readable part, in the case it was written in, and the bytes.

    Raises KeyTextError.
    """
    if not text.isascii() or text not in (text.lower(), text.upper()):
        raise KeyTextError("the key is not written in one case, copy it again")
    hrp, separator, rest = text.rpartition("1")
    if not separator or not _is_hrp(hrp) or len(rest) < _CHECKSUM_LENGTH:
        raise KeyTextError("the key is incomplete, copy it again")
    body = rest.lower().encode("ascii")
    if not _VALUES.keys() >= set(body):
        raise KeyTextError("the key holds a character no key has, copy it again")
    if _checksum(hrp.lower(), body) != 1:
        raise KeyTextError("the key has a typing error, copy it again")
    return hrp, _unpack(body[:-_CHECKSUM_LENGTH])


def _is_hrp(hrp: str) -> bool:
    return bool(hrp) and all(_FIRST_PRINTABLE <= ord(c) <= _LAST_PRINTABLE for c in hrp)


def _checksum(hrp: str, body: bytes) -> int:
    """Return BIP 173's polymod over the expanded `hrp` and `body`."""
    letters = hrp.encode("ascii")
    values = [letter >> 5 for letter in letters]
    values.append(0)
    values.extend(letter & 31 for letter in letters)
    values.extend(_VALUES[character] for character in body)
    check = 1
    for value in values:
        check = (check & _LOW_25_BITS) << 5 ^ value ^ _FEEDBACK[check >> 25]
    return check


def _unpack(body: bytes) -> bytes:
    """Return the bytes of the five-bit groups; refuse any but their one spelling."""
    groups = body.translate(_TO_RFC4648)
    try:
        data = base64.b32decode(groups + b"=" * (-len(groups) % 8))
    except binascii.Error as error:
        raise KeyTextError("the key is incomplete, copy it again") from error
    if base64.b32encode(data).rstrip(b"=") != groups:
        raise KeyTextError("the key ends in bits that must be zero, make it again")
    return data
