"""What the script says, in words: it takes them from here, so that every language has them."""


def _(message: str) -> str:
    """Mark a text for the catalogs."""
    return message


TEXTS = {
    "correct": _("Nothing was sent yet. Please correct this:"),
    "sealing": _("Sealing it on this device …"),
    "sending": _("Sending it …"),
    "files_left": _("Waiting for your files to arrive …"),
    "line": _(
        "The line is broken. Nothing is lost: keep this page open, and press the button again when "
        "the line is back."
    ),
    "busy": _("Too many people are writing at this moment. Please wait a minute and press again."),
    "store": _(
        "It could not be kept just now. Nothing is lost: please wait a minute and press again."
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
    "added_once": _("added"),
    "added_often": _("added %(num)s times"),
    "not_fetched": _("Not fetched yet."),
    "fetched": _("Fetched on %(day)s."),
    "filed": _("Filed on %(day)s."),
    "person": _("Person %(number)s"),
    "drop_person": _("Remove person %(number)s"),
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
