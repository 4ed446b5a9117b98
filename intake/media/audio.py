"""MP3 and OGG: what stands before and behind the sound.

Sources: ID3v2.4 and ID3v1 (id3.org). The tags of an MP3 become zeros, which their own rules call
padding. A page of an OGG carries a checksum over all of it, so its comments stay, with a warning.
"""

from intake.media.draft import Draft

_HEADER = 10
_OLD_SIZE = 128
"""An ID3v1 tag, at the very end."""
_APE_FOOTER = 32


def clean(draft: Draft) -> str:
    """Gather what an MP3 reveals; "audio" where a tag stays. Raises DamagedError."""
    end = draft.size
    if draft.at(0, 3) == b"ID3":
        length = 0
        for byte in draft.at(6, 4):
            length = length << 7 | byte & 0x7F
        if draft.wipe(_HEADER, _HEADER + length):
            draft.find("other", "ID3")
        # Flags (unsynchronised, extended, with a footer) tell of what is gone.
        draft.wipe(5, 6)
    if draft.head(max(0, end - _OLD_SIZE), 3) == b"TAG":
        draft.find("other", "ID3")
        end -= _OLD_SIZE
        draft.wipe(end, draft.size)
    if draft.head(max(0, end - _APE_FOOTER), 8) != b"APETAGEX":
        return ""
    draft.find("other", "APE")
    return "audio"
