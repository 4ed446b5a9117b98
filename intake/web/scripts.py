"""What the script says, in words: it takes them from here, so that every language has them."""

from intake.web import messages


def _(message: str) -> str:
    """Mark a text for the catalogs."""
    return message


TEXTS = {
    "correct": _("Nothing was sent yet. Please correct this:"),
    "sealing": _("Sealing it on this device …"),
    "sending": _("Sending it …"),
    "files_left": _("Waiting for your files to arrive …"),
    "files_many": _(
        "More files are here than fit in one sending. Nothing was sent. What you wrote is below: "
        "please leave some out, and add them afterwards."
    ),
    "line": _(
        "The line is broken. Nothing is lost: keep this page open, and press the button again when "
        "the line is back."
    ),
    "busy": _("Too many people are writing at this moment. Please wait a minute and press again."),
    "store": _(
        "It could not be kept just now. Nothing is lost: please wait a minute and press again."
    ),
    "closed": _(
        "Nothing is taken here just now. Nothing was sent: keep this page open and try again "
        "later, or copy what you wrote."
    ),
    "refused": _(
        "The server did not take it. Please go back, look at your answers, and send it again."
    ),
    "missing": _(
        "A file is not there any more. Please leave it out or choose it again, then press again."
    ),
    "conflict": _(
        "Something else arrived under these words before. What arrived is kept, and your words "
        "hold."
    ),
    "too_long": _(
        "These texts together are too long for one sending. Please shorten them, or send them in "
        "parts."
    ),
    "no_offices": _("Please choose at least one office."),
    "joined": _("Other offices can take this now. Nothing was sent yet: please choose, then send."),
    "added": _("Kept: %(group)s."),
    "not_fetched": _("Not fetched yet."),
    "fetched": _("Fetched on %(day)s."),
    "filed": _("Filed on %(day)s."),
    "person": _("Person %(number)s"),
    "drop_person": _("Remove person %(number)s"),
    "receipt_print": _("Print the words"),
    "receipt_paper": _("Words"),
    "receipt_code": _("The numbers of the words as a code"),
    "receipt_noted": _("I have written them down"),
    "receipt_ask": _("Which are these? So that you can be sure you have them."),
    "receipt_place": _("Word number %(number)s"),
    "receipt_check": _("Check"),
    "receipt_again": _("Look at the words again"),
    "receipt_wrong": _("This is another word. Please look at what you wrote down."),
    "receipt_right": _("Good: you have your words."),
    "voice_record": _("Record your voice"),
    "voice_pause": _("Pause"),
    "voice_go_on": _("Go on"),
    "voice_stop": _("Stop"),
    "voice_listen": _("Listen to it"),
    "voice_change": _("Change my voice, so that people do not know it"),
    "voice_use": _("Use this recording"),
    "voice_discard": _("Discard it"),
    "voice_asking": _("Your browser asks whether this page may use the microphone."),
    "voice_recording": _("Recording."),
    "voice_paused": _("Paused."),
    "voice_recorded": _("Recorded. Listen to it, use it, or discard it."),
    "voice_full": _("Half an hour is recorded: no more fits. Use it, then record the rest."),
    "voice_changing": _("Changing the voice …"),
    "voice_changed": _("The voice is changed. Somebody with good tools may still know it."),
    "voice_unchanged": _("The voice is as it was."),
    "voice_used": _("It goes with your report."),
    "voice_discarded": _("Discarded. Nothing of it is kept."),
    "voice_denied": _("The microphone may not be used. You can write, or choose a recording."),
    "voice_missing": _("There is no microphone. You can write, or choose a recording."),
    "voice_failed": _("It could not be recorded. You can try again, write, or choose a recording."),
    "file_looking": _("Looking at the file …"),
    "file_waits": _("The line is broken. It goes on by itself when the line is back."),
    "file_sent": _("Arrived, sealed."),
    "file_share": _("%(sent)s of %(size)s"),
    "file_cancel": _("Leave this file out"),
    "file_again": _("Try again"),
    "file_tells": _("This file tells of you:"),
    "file_copied": _(
        "We made a copy without this. Only offices you allow get the file as it was made."
    ),
    "file_clean": _("We found nothing in it that tells of you."),
    "file_changed": _("The file changed while it was read. Please choose it again."),
    "file_unreadable": _("The file could not be read. Please choose it again."),
    "file_too_large": _("The file is larger than this server takes."),
    "file_full": _("There is no room for files just now. Please add it another day."),
    "file_refused": _("The server did not take the file. Please choose it again."),
    "file_failed": _("The file could not be sent. Please choose it again."),
}
"""What the script says, by the name it looks for."""

_SHARED = (
    *("words_count", "words_unknown", "words_places", "words_language", "words_nothing"),
    *("stop_unread", "stop_read", "stop_delete", "stop_keep", "letter_gone", "letter_deleted"),
    *("aside_closed", "aside_altered", "aside_forged", "aside_misplaced"),
)
"""What is said by the page without script, too."""

BACK = {
    **{name: messages.TEXTS[name] for name in _SHARED},
    "looking": _("Looking …"),
    "reading": _("Reading what was answered …"),
    "conflict": _(
        "Something was added or changed from another page meanwhile. Nothing of this was sent: "
        "please look at it, and press again."
    ),
    "not_found": _("Nothing is kept under these words any more."),
    "deleted_on": _("It will be deleted here on %(day)s."),
    "reissued": _(
        "These words are new: the office you chose gave them on %(day)s. The ones before open "
        "nothing."
    ),
    "taken_back": _("Taken back. It gets nothing more."),
    "answered": _("Its first answer is of %(day)s."),
    "written": _("Written on %(day)s:"),
    "asks": _("It asks you for:"),
    "answer": _("Answer: %(office)s"),
    "discard": _("Delete this answer here"),
    "discard_ask": _(
        "Delete it? You cannot read it again then, nor can anybody who has your words. The office "
        "keeps what it wrote."
    ),
    "discard_yes": _("Yes, delete it"),
    "discard_no": _("No, keep it"),
    "gap": _(
        "Something that %(office)s wrote before this was not given to you by this server. Ask the "
        "office by another way, if you can."
    ),
    "keys": _(
        "%(office)s is sealed to with other keys now than when you filed. That is usual after "
        "somebody left there. If in doubt, ask the office by another way before you write more."
    ),
    "aside_missing": _(
        "This server names an answer to you and does not give it. Please read again later."
    ),
}
"""What the script of coming back says besides, by the name it looks for."""
