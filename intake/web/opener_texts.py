"""What the script of the opener says, in words, by the name that it looks for."""


def _(message: str) -> str:
    """Mark a text for the catalogs."""
    return message


_PAGE = {
    "no_identity": _("Choose your identity file first."),
    "no_files": _("Choose the sealed files first."),
    "more": _("and %(number)s more"),
    "reading": _("Reading the identity file …"),
    "trying": _("Trying the passphrase: %(percent)s of 100"),
    "opening": _("Opening file %(number)s of %(of)s …"),
    "done": _("Opened: %(opened)s. Set aside: %(aside)s."),
}
"""What the page says while it works."""

_ENTRIES = {
    "case": _("Case %(case)s"),
    "kind_report": _("Report"),
    "kind_message": _("From the person"),
    "kind_reply": _("Answer of the office"),
    "kind_note": _("Note of the office to itself"),
    "written": _("Written on %(day)s (%(zone)s), for: %(office)s"),
    "unchecked": _(
        "Its author could not be checked: open it together with the one report of this case that "
        "is for the same office."
    ),
    "missing": _(
        "Entries before this one that did not come: %(number)s. They were taken back, deleted by "
        "age, left out, or withheld."
    ),
    "unscripted": _("Sealed by the server, in memory: the page was used without JavaScript."),
    "version": _("Answered under version %(version)s of the programme, shown with another."),
    "no_way_back": _("There is no way back to this person: none was wanted."),
    "contact": _("How this office alone may reach the person"),
    "not_asked": _("Not asked: %(questions)s"),
    "keeper": _("Your office can give this person new words if she loses hers."),
    "refer": _("The person wants what you hold passed on to: %(offices)s"),
    "for_this_office": _("The person answered this for this office alone; “it” is this office."),
    "person": _("Person %(number)s of %(of)s"),
    "asks": _("Asks for: %(group)s"),
    "stub": _("What a witness sealed to herself, to see later whether keys were exchanged."),
    "newer": _("Made by a newer program: this page cannot show it. Get a newer page."),
}
"""What stands around an entry."""

_WORK = {
    "work_by": _("By %(who)s"),
    "work_status": _("Status"),
    "work_assigned": _("Assigned to"),
    "work_reason": _("Why it was closed"),
    "tag_added": _("Tag added"),
    "tag_removed": _("Tag taken away"),
    "status_new": _("New"),
    "status_assessing": _("Being assessed"),
    "status_acting": _("Being acted on"),
    "status_waiting": _("Waiting for somebody"),
    "status_closed": _("Closed"),
}
"""What an office agrees on about a case: see `core.work`."""

_FILES = {
    "files": _("Files"),
    "files_hint": _(
        "A saved file lies unsealed on this disk, and may be made to harm whoever opens it. Open "
        "it only where it can do none."
    ),
    "file_original": _("as it was made"),
    "file_copy": _("a copy without what tells of its maker"),
    "file_waits": _("Not looked at yet."),
    "file_checking": _("Checking it …"),
    "file_whole": _("Whole and unaltered."),
    "file_saved": _("Given to the browser to save, mostly into the folder of downloads."),
    "file_type": _("Said to be %(said)s; by what it holds it is %(type)s."),
    "show_picture": _("Show the picture"),
    "show_text": _("Show the text"),
    "save": _("Save the file"),
    "text_cut": _("The text goes on in the file: save it to read the rest."),
}
"""What stands beside a file that a report names."""

_IDENTITY = {
    "identity_none": _("There is no identity in this file. Choose the one that holds your key."),
    "identity_text": _(
        "This is no file of identities. Choose the file that was made for you with your key."
    ),
    "identity_line": _(
        "Line %(line)s of the identity file has a typing error or is cut off. Get another copy."
    ),
    "identity_large": _("This is too large for an identity file. Choose another."),
    "identity_damaged": _(
        "The identity file was altered or cut off on its way. Get another copy of it."
    ),
    "identity_other": _(
        "This file is sealed to a key, not with a passphrase: it is no identity file. Is it one of "
        "the sealed files?"
    ),
    "passphrase_needed": _("This identity file is sealed. Type its passphrase."),
    "passphrase_wrong": _(
        "This is not its passphrase. Type it again: capital letters and spaces count."
    ),
    "work": _(
        "Trying this passphrase would take more memory than any usual identity file does. Nothing "
        "was tried: do not trust this file."
    ),
    "memory": _("This device has too little free memory for it. Close other programs, or pages."),
    "classic": _(
        "This file holds only a key of the older, classic kind. Reports are never sealed to such a "
        "key: choose the identity that begins with AGE-SECRET-KEY-PQ-1."
    ),
}
_SEALED = {
    "unreadable": _("It could not be read: it changed, or was taken away. Choose it again."),
    "empty": _("The file is empty. Get it again."),
    "not_age": _("This is no sealed file. Choose the files that were sent to your office."),
    "classic_file": _(
        "It is sealed to a key of the older, classic kind, which no report is. This page does not "
        "open it."
    ),
    "by_passphrase": _(
        "It is sealed with a passphrase, as identity files are. If it is yours, choose it above."
    ),
    "closed": _(
        "It was sealed to another key: this identity does not open it. Use the identity of the "
        "office that it was sent to, also an earlier one."
    ),
    "cut": _("It is not whole: it was cut off on its way, or something was added. Get it again."),
    "altered": _("It was altered after it was sealed. Get it again, and trust no part of it."),
    "not_entry": _(
        "It opens, but what it holds is no report or letter in the known form. Set it aside."
    ),
    "programme": _(
        "It belongs to another programme. Make this page for that one, or set it aside."
    ),
    "misplaced": _(
        "Case, kind or id inside it are other ones than its name says. Somebody renamed or "
        "exchanged it: set it aside."
    ),
    "office": _("It was sealed for another office than its name says. Set it aside."),
    "forged": _("It was not written by who it says. Set it aside."),
    "unsigned": _(
        "The report of its case has no key to check it with, so nobody can have written it. Set it "
        "aside."
    ),
    "twice": _("It came more than once and is shown once."),
    "many": _("It holds more files than any parcel does. Only the first ones were looked at."),
    "tar_cut": _("The parcel is cut off. What came before was looked at: get the whole parcel."),
    "tar_strange": _(
        "The parcel holds something that no parcel holds. What could be read was looked at: get it "
        "again as it was saved."
    ),
    "unnamed": _(
        "No report that was opened names this file. Choose it together with the report that does."
    ),
}
_EVIDENCE = {
    "file_missing": _("The sealed file is not here: choose it too, and open again."),
    "file_other": _(
        "The sealed file of this name is another one: the key in the report does not open it. Get "
        "the right one."
    ),
    "file_cut": _("The sealed file is not whole: it was cut off on its way. Get it again."),
    "file_long": _("The file is longer than the report says. Set it aside."),
    "file_altered": _("The sealed file was altered after it was sealed. Get it again."),
    "file_digest": _("What it holds is not the file that the report names. Set it aside."),
    "picture": _("The picture cannot be drawn. Save it, and open it only where it can do no harm."),
    "picture_large": _("The picture has too many pixels to be drawn here. Save it instead."),
}

TEXTS = {
    **_PAGE,
    **_ENTRIES,
    **_WORK,
    **_FILES,
    **{f"aside_{name}": text for name, text in {**_IDENTITY, **_SEALED, **_EVIDENCE}.items()},
}
"""Every text of the script; what begins with `aside_` is the sentence of a code of `AsideError`."""
