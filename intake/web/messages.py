"""What a person is told when a form is refused: what happened and what to do, in her language."""

from collections.abc import Mapping

from intake.web.i18n import Language


def _(message: str) -> str:
    """Mark a text for the catalogs."""
    return message


FORM_PROBLEMS = {
    "not_a_form": 415,
    "too_slow": 408,
    "too_large": 413,
    "cut_off": 400,
    "not_text": 400,
    "no_files": 503,
    "files_too_large": 413,
    "full": 507,
    "file_failed": 503,
}
"""The status of each problem a body can have, the one to be told first standing first."""

TEXTS = {
    "not_a_form": _("This did not come from the form. Please use the form on this page."),
    "too_slow": _(
        "The connection was too slow and broke off. Nothing was sent. What arrived is below: "
        "please check it and send it again."
    ),
    "too_large": _(
        "This is more text than fits. Nothing was sent. What fits is below: please shorten it "
        "and send it again."
    ),
    "cut_off": _(
        "Not everything arrived. Nothing was sent. What arrived is below: please check it and "
        "send it again."
    ),
    "not_text": _(
        "Some letters arrived damaged. Nothing was sent. Please check the text below and send "
        "it again."
    ),
    "no_files": _(
        "This address takes no files without JavaScript. Nothing was sent. What you wrote is below."
    ),
    "files_too_large": _(
        "A file is larger than fits here. Nothing was sent. What you wrote is below: please choose "
        "a smaller file, or send it without."
    ),
    "full": _(
        "There is no room for files just now. Nothing was sent. What you wrote is below: please "
        "send it without the file, and add the file another day."
    ),
    "file_failed": _(
        "A file did not arrive whole. Nothing was sent. What you wrote is below: please choose the "
        "file again."
    ),
    "files_many": _(
        "More files are here than fit in one sending. Nothing was sent. What you wrote is below: "
        "please leave some out, and add them afterwards."
    ),
    "files_here": _(
        "The files are here, sealed. Nothing was sent on yet: look at what each tells of you, then "
        "seal and send."
    ),
    "files_gone": _(
        "A file is not here any more. Nothing was sent. What you wrote is below: leave the file "
        "out, or choose it again."
    ),
    "unknown_field": _(
        "The form has changed since you opened it. Nothing was sent. Please check your answers "
        "below and send them again."
    ),
    "damaged": _(
        "The page arrived damaged. Nothing was sent. What arrived is below: you can copy it and "
        "start again."
    ),
    "offices": _(
        "Nothing was sent. Please choose at least one office below, and keep each contact to "
        "one short line."
    ),
    "origin": _(
        "Nothing was sent, because another site asked for it. If you filled this in yourself, "
        "check it below and send it again."
    ),
    "busy": _(
        "Too many people are writing at this moment. Nothing was sent. What you wrote is below: "
        "please wait a minute and send it again."
    ),
    "store": _(
        "It could not be kept just now. Nothing was sent. What you wrote is below: please wait "
        "a minute and send it again."
    ),
    "failed": _(
        "Something went wrong on our side. Nothing was sent. What you wrote is below: please "
        "send it again."
    ),
    "switched_off": _(
        "This address does not take anything without JavaScript. Nothing was sent. What you "
        "wrote is below: you can copy it."
    ),
    "closed": _(
        "Nothing is taken here just now. Nothing was sent. What you wrote is below: you can copy "
        "it and try again later."
    ),
    "no_reports": _("No new reports are taken here just now."),
    "no_form": _("This address does not take anything without JavaScript."),
    "words_count": _("Please write all ten words, in their order, with spaces between them."),
    "words_unknown": _(
        "These words do not belong together. Please compare each with what you noted, and their "
        "order."
    ),
    "words_places": _(
        "These words are not in the list: number %(places)s. Please compare them with what you "
        "noted."
    ),
    "words_language": _(
        "These words exist in two languages. Please choose the language in which you got them."
    ),
    "words_nothing": _(
        "Nothing has arrived under these words. Please compare each with what you noted. Words "
        "that you got at another address, or before an office gave you new ones, open nothing "
        "here. If you closed the page before it said “Received”, nothing was sent."
    ),
    "group": _("The page has changed since you opened it. Please choose below what to add."),
    "added": _("Kept: %(group)s."),
    "add_too_long": _(
        "These texts together are too long for one sending. Nothing was sent. Please shorten them, "
        "or send them in parts."
    ),
    "add_too_many": _(
        "More persons are on this page than fit. Nothing was sent. What arrived is below: please "
        "send at most twelve, then add the others."
    ),
    "added_meanwhile": _(
        "Something was added or changed from another page meanwhile. What stands below is not "
        "kept yet: please read it over and send it again."
    ),
    "add_offices": _("Nothing was sent. Please choose at least one office below."),
    "stop_choose": _("Nothing was changed. Please choose below."),
    "stop_again": _(
        "Something was added or changed from another page meanwhile. Nothing was taken back yet: "
        "please choose again."
    ),
    "stop_done": _("This office gets nothing more."),
    "stop_unread": _("It is removed. The office had read nothing, and gets nothing more."),
    "stop_read": _(
        "The office is asked to stop, and gets nothing more. It had read your report: what it "
        "read cannot be called back."
    ),
    "stop_delete": _(
        "It will be deleted here in %(days)s days. Until then you can keep it after all. An office "
        "that looks in before is told, but what it read cannot be called back."
    ),
    "stop_keep": _("It stays, and nothing will be deleted."),
    "stop_exposed": _(
        "Your words open nothing any more, for nobody. The offices are told not to trust what "
        "comes with them."
    ),
    "letter_gone": _("This answer is not here any more."),
    "letter_deleted": _("It is deleted here. The office keeps what it wrote."),
    "aside_closed": _("Something arrived for you that your words do not open. It is not shown."),
    "aside_altered": _("Something arrived for you that was altered on the way. It is not shown."),
    "aside_forged": _(
        "Something arrived for you that was written by somebody else than the office it names. It "
        "is not shown. Do not trust it."
    ),
    "aside_misplaced": _(
        "Something arrived for you that belongs to another case, office or place. It is not shown."
    ),
    "no_page": _("There is no page at this address."),
}


def text(language: Language, code: str, values: Mapping[str, object] | None = None) -> str:
    """Return what to say for a code."""
    return language.text(TEXTS[code], **(values or {}))
