"""The word lists of receipts and spoken fingerprints: BIP-39 lists, from PyPI's `mnemonic`."""

from functools import cache

from mnemonic import Mnemonic

LANGUAGES = {"en": "english", "es": "spanish", "fr": "french", "pt": "portuguese"}
"""Languages with a list of their own; every other language uses the numbers beside English."""

LIST_NAMES = {"en": "English", "es": "Español", "fr": "Français", "pt": "Português"}
"""The lists by their own names, for whoever is asked which one her words come from."""


@cache
def wordlist(language: str) -> tuple[str, ...]:
    """Return the 2048 words of a language, English where it has no list."""
    return tuple(Mnemonic(LANGUAGES.get(language, "english")).wordlist)


@cache
def wordlists() -> dict[str, tuple[str, ...]]:
    """Return every list, by language."""
    return {language: wordlist(language) for language in LANGUAGES}
