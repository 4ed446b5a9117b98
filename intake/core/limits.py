"""Every limit of the formats, each with its reason. Sizes in bytes unless named otherwise."""

KIB = 1024

ACCOUNT_CHARACTERS = 100_000
"""What happened: some thirty typed pages; longer accounts are kept in the form and refused."""

LINE_CHARACTERS = 300
"""One line of an answer (a place, a date in words, a contact): a few sentences."""

PASSPHRASE = 12
"""Characters of a new passphrase: scrypt makes each guess slow, this makes them too many."""

PROGRAMME = 1024 * KIB
"""A programme's file: fifty times the one we ship."""

KEY_DAYS = 730
"""Days of a new key: long enough to be no burden, short enough that a lost key ends."""

TAGS = 50
"""Tags that one note gives or takes: more than anybody reads beside a case."""

BUCKET_FLOOR = 4 * KIB
"""The smallest padded entry: most short reports look alike."""

BUCKET_CEILING = 1024 * KIB
"""The largest padded entry: an account of the longest kind in four-byte letters fits twice."""

FORM_KEPT = 16 * 1024 * KIB
"""What a refused form keeps and gives back: 10 MB of text survive their own refusal."""

FORM_READ = 64 * 1024 * KIB
"""What is read of a form and thrown away, so that the answer arrives; beyond, the line is cut."""

FORM_FIELDS = 600
"""Fields in one form: twelve persons make some four hundred; more is an attack on the parser."""

FILES_READ = 1024 * 1024 * KIB
"""What is read of files and thrown away, so that the answer arrives with all that was typed: ten
minutes of a telephone's video; beyond, the line is cut."""

FILE_NAME = 200
"""Characters of a file's name: no usual system keeps more than 255 bytes."""

PART_HEAD = 4 * KIB
"""The lines before a part of a form: the longest name of a file has 255 letters of four bytes."""

API_BODY = 16 * KIB
"""The largest body of a call by an office: a login answer is below 1 KiB."""

FETCH_ENTRIES = 100
"""Entries asked for at once: their ids need 4 KiB, and a line that breaks costs no more of them."""

FETCH_BYTES = 1024 * KIB
"""What is answered to that, sealed, and the first entry however large: as much as the largest entry
takes alone, so a line that carries one carries the other."""

OFFICES_PER_CASE = 16
"""Offices one filing may name: a programme has rarely more than ten."""

RECIPIENTS_PER_OFFICE = 4
"""Keys of one office: a header of four is below 7 KiB; larger teams share a working key."""

RECIPIENTS_NEEDED = 2
"""A working key and a recovery key: with one, a lost laptop loses every report."""

HEADER = 16 * KIB
"""The largest age header of an entry: five post-quantum stanzas need 8 KiB."""

WRAPPED = 4 * KIB
"""What new words open: an age file of 47 bytes for one reader is below 2 KiB."""

LOGIN_SECONDS = 60
"""How long a login challenge waits for its answer."""

SESSION_SECONDS = 15 * 60
"""How long an office's bearer token opens the door."""

CHOICES = 20
"""Answers ticked to one question: the longest vocabulary has some fifteen."""

PEOPLE = 12
"""Persons in one addition: a family; a larger group is counted, or added in several parts."""

ADDITIONS = 50
"""Additions of one group to one case: one a week for a year; more is an attack on the store."""

DELETION_DAYS = 7
"""How long a deletion that was asked for can still be cancelled."""

REPLIES = 100
"""Replies of one office in one case: one a fortnight for four years; each is opened anew for a
page without script, so more is an attack on the server."""

NOTES = 1000
"""Notes of one office in one case: two a working day for two years. Only its desks open them."""

REPLY = 64 * KIB
"""The largest padded reply or note: some fifteen typed pages; a case's longest is a report."""

REPLY_BODY = 160 * KIB
"""The largest reply with its two headers, in base64."""

FILES = 20
"""Files in one addition: a set of photographs; more are sent in several parts."""

NAME_CHARACTERS = 200
"""The name of a file: file systems take 255 bytes."""

FILE_LENGTH = 1 << 40
"""No file is longer, whatever a server is set to take: a TiB."""

PARCEL_HEAD = 64 * KIB
"""The largest list of what an offline filing holds: seventeen letters that name forty files each
need 28 KiB, and the forty files 5."""

FILING_BODY = 48 * 1024 * KIB
"""The largest filing sealed by a browser: sixteen entries, each below 2 MiB, in base64."""

NAMES = 4096
"""Names of one case in one message: fifty additions of each of some twenty groups, 256 marks, and a
hundred answers deleted of each of sixteen offices."""
