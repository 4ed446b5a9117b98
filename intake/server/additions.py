"""What a witness adds to her case, takes back or ends; sealed here for pages without script.

The page carries her ten words; with them alone the server finds the case, knows which office
holds what, and which groups were answered: every name in the store derives from them. What was
written is read by nobody here, not even to show it to her again. What she adds names the letters
that she had read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property

from msgspec.structs import replace as replace_body

from intake.core import canonical, limits, report
from intake.core.entry import AdditionBody
from intake.core.evidence import visible
from intake.core.questions import GROUPS_BY_NAME, NOTICES
from intake.core.receipt import Receipt
from intake.core.report import Answers, Report
from intake.core.routing import Proposal
from intake.crypto import keeper
from intake.crypto.derive import WitnessKeys
from intake.errors import ConflictError, ReportError
from intake.server import nojs
from intake.server.nojs import Letter, letters
from intake.server.nojs.letters import Letters
from intake.server.nojs.renewed import unwrap
from intake.server.services import Services
from intake.store.cases import Addition, Case, Held
from intake.store.records import Item

NAMED = ("confidential", "not-accused", "open")
"""The choices of a person whose name an office may have; with any other answer it gets none."""

FIRST = "report"
"""Under this name derives the id of the first thing an office gets of a case."""


@dataclass(frozen=True, repr=False)
class Opened:
    """A case that its witness came back to, with the keys that her words give.

    Where her keeper gave her new words, `mailbox` is theirs, and `keys` are still those of the
    first: every name derives from them. `firsts` names the first entry that each office of the
    programme would hold; `numbers` says how many additions of each group, and notices of each
    name, there are.
    """

    words: Receipt
    mailbox: bytes
    keys: WitnessKeys
    case: Case
    firsts: Mapping[str, str]
    numbers: Mapping[str, int]

    def held(self, office: str) -> Held | None:
        """Return what the store knows of an office's first entry, None where it holds none."""
        return self.case.held.get(self.firsts[office])

    def is_withdrawn(self, office: str) -> bool:
        """Whether the witness took the case back from this office."""
        return self.firsts.get(office) in self.case.withdrawn

    @property
    def holders(self) -> tuple[str, ...]:
        """The offices that hold the case."""
        return tuple(office for office, entry in self.firsts.items() if entry in self.case.held)

    def of(self, office: str) -> Iterator[str]:
        """Yield the ids of everything of hers that this office holds of the case."""
        return (entry for entry in self._names(office) if entry in self.case.held)

    def is_known(self, office: str, name: str) -> bool:
        """Whether an office may name this id though no letter of it has it.

        It is something of hers, or a letter that she deleted.
        """
        return name in self._hers[office] or self.keys.discarded(name) in self.case.additions

    @cached_property
    def _hers(self) -> dict[str, frozenset[str]]:
        # Once for all: an office may name thousands of ids, and each name costs a derivation.
        return {office: frozenset(self._names(office)) for office in self.firsts}

    def _names(self, office: str) -> Iterator[str]:
        """Yield the id of everything of hers that this office may ever have held."""
        added = (f"{group}/{i}" for group, count in self.numbers.items() for i in range(count))
        stopped = (f"stopped/{other}" for other in self.firsts if self.is_withdrawn(other))
        return (self.keys.entry(name, office) for name in (FIRST, *added, *stopped))


@dataclass(frozen=True, repr=False)
class Draft:
    """An addition about to be kept: the answers, for whom, and which of its group it is.

    `joining` are offices that get the case now; `own` holds what is told to one office alone;
    `originals` are offices that get each file as it is, too. The page's random `token` keeps
    whoever has the words from trying what was written.
    """

    report: Report
    number: int
    offices: tuple[str, ...]
    joining: tuple[str, ...] = ()
    own: Mapping[str, Answers] = field(default_factory=dict)
    originals: tuple[str, ...] = ()
    token: str = ""


def come_back(services: Services, words: Receipt) -> Opened:
    """Return the case behind ten words; raises NotFoundError."""
    keys = WitnessKeys.of(words, services.programme.id)
    mailbox = keys.mailbox()
    case = services.cases.behind(mailbox)
    if case.wrapped:
        keys = unwrap(case.wrapped, keys)
    numbers = {name: _count(keys, case, name) for name in (*GROUPS_BY_NAME, *NOTICES)}
    firsts = {office.id: keys.entry(FIRST, office.id) for office in services.programme.offices}
    return Opened(words, mailbox, keys, case, firsts, numbers)


def _count(keys: WitnessKeys, case: Case, group: str) -> int:
    for number in range(limits.ADDITIONS):
        if keys.addition(group, number) not in case.additions:
            return number
    return limits.ADDITIONS


def proposals(services: Services, opened: Opened, answered: Report) -> tuple[Proposal, ...]:
    """Return the offices that an addition leads to and that never had the case."""
    if not GROUPS_BY_NAME[answered.group].reroutes:
        return ()
    found = nojs.routing(services, answered).proposals
    known = {o for o in opened.firsts if opened.held(o) or opened.is_withdrawn(o)}
    return tuple(proposal for proposal in found if proposal.office.id not in known)


def add(services: Services, opened: Opened, draft: Draft) -> Opened:
    """Seal an addition for each office and keep it; return the case as it is then.

    Sent again, it is kept once.

    Raises ConflictError, KeyringError, NotFoundError, ReportError, StoreError.
    """
    if draft.number >= limits.ADDITIONS:
        raise ReportError("this group was added to as often as it can be, use another")
    if _is_new(opened, draft):
        _check(services, opened, draft)
    return _keep(services, opened, draft)


def _is_new(opened: Opened, draft: Draft) -> bool:
    """Return whether this was not sent before; raises ConflictError where it is not the next.

    Numbers have no gap: what is found by counting is all that there is, also when it is taken
    back.
    """
    group = draft.report.group
    if opened.keys.addition(group, draft.number) in opened.case.additions:
        return False
    if draft.number != opened.numbers[group]:
        raise ConflictError("the page is not the next of its group, look at the case and add again")
    return True


def _check(services: Services, opened: Opened, draft: Draft) -> None:
    offered = {p.office.id for p in proposals(services, opened, draft.report)}
    if not draft.offices and not draft.joining:
        raise ReportError("no office was chosen, choose one")
    if not set(draft.offices) <= set(opened.holders):
        raise ConflictError("an office does not hold the case any more, look at it and add again")
    if GROUPS_BY_NAME[draft.report.group].keeper and not _is_keeper(services, draft.offices):
        raise ReportError("one office that reads for itself can be the keeper, choose one")
    if not set(draft.joining) <= offered:
        raise ReportError("an office was chosen that takes this not today, choose again")


def _is_keeper(services: Services, offices: tuple[str, ...]) -> bool:
    """Whether this is one office alone, which reads for itself."""
    keyed = [office.id for office in services.programme.keyed]
    return len(offices) == 1 and offices[0] in keyed


def _keep(services: Services, opened: Opened, draft: Draft) -> Opened:
    group, case = draft.report.group, opened.case
    name = f"{group}/{draft.number}"
    trust, deposit = "", None
    if GROUPS_BY_NAME[group].keeper:
        given, deposit = keeper.entrust(opened.keys, services.random)
        trust = given.text
    bodies = {office: replace_body(_body(draft, office), keeper=trust) for office in draft.offices}
    replies = _replies(services, opened)
    told = tuple(_message(services, opened, name, one, replies) for one in bodies.items())
    joined = tuple(_first(services, opened, draft, office) for office in draft.joining)
    addition = replace(_addition(services, opened, draft, (*told, *joined)), keeper=deposit)
    services.cases.add(addition)
    if addition.id in case.additions:
        return opened
    held = {**case.held, **{item.entry: Held(item.reader, None) for item in addition.items}}
    grown = replace(case, held=held, additions=case.additions | {addition.id})
    return replace(opened, case=grown, numbers={**opened.numbers, group: draft.number + 1})


def _addition(
    services: Services, opened: Opened, draft: Draft, items: tuple[Item, ...]
) -> Addition:
    chosen = canonical.encode(
        {
            "joining": draft.joining,
            "offices": draft.offices,
            "originals": draft.originals,
            "own": dict(draft.own),
            "token": draft.token,
        }
    )
    referred = ((joining, told) for joining in draft.joining for told in draft.offices)
    return Addition(
        id=opened.keys.addition(draft.report.group, draft.number),
        mailbox_hash=opened.mailbox,
        digest=opened.keys.digest(report.encode(draft.report), chosen),
        day=services.today(),
        items=items,
        needs=tuple(opened.firsts[office] for office in draft.offices),
        marks=tuple(_referral(opened, *pair) for pair in referred),
    )


def _referral(opened: Opened, joining: str, told: str) -> str:
    """Return the name of the mark that one office was asked to pass the case on to another."""
    return opened.keys.addition(f"refer/{joining}/{told}", 0)


def _body(draft: Draft, office: str) -> AdditionBody:
    """Return what one office is told: the answers to all, and those meant for it alone.

    An office that may know no name gets none.
    """
    own = draft.own.get(office, {})
    answers = {**draft.report.answers, **own}
    if own.get("identity") not in NAMED:
        answers.pop("name", None)
    return AdditionBody(
        answers=answers,
        digest=draft.report.digest,
        evidence=visible(draft.report.evidence, originals=office in draft.originals),
        group=draft.report.group,
        keeper="",
        language=draft.report.language,
        people=draft.report.people,
        refer=draft.joining,
        unscripted=True,
        version=draft.report.version,
    )


def _message(
    services: Services,
    opened: Opened,
    name: str,
    told: tuple[str, AdditionBody],
    replies: Letters,
) -> Item:
    """Return what one office is told, after all that it holds and that she had read of it."""
    office, body = told
    seen = {*opened.of(office), *(reply.id for reply in replies.of(office))}
    letter = Letter(
        opened.case.id,
        office,
        opened.keys.entry(name, office),
        body,
        tuple(sorted(seen)),
        opened.keys.message_key(office),
    )
    return nojs.seal_letter(services, letter)


def _replies(services: Services, opened: Opened) -> Letters:
    """Return the letters that she has read, where they can be opened here at all."""
    if not services.config.seal_without_script:
        return Letters()
    got = services.mail.fetched(opened.mailbox)
    return letters.read(got, opened.keys, services.programme, opened.is_known)


def _first(services: Services, opened: Opened, draft: Draft, office: str) -> Item:
    """Return the first entry of an office that joins: what is added now, and how to answer."""
    key = opened.keys.message_key(office)
    files = visible(draft.report.evidence, originals=office in draft.originals)
    reply_to = opened.keys.recipient().raw
    body = nojs.report_body(draft.report, nojs.Own("", files, key), reply_to)
    letter = Letter(opened.case.id, office, opened.firsts[office], body)
    return nojs.seal_letter(services, letter)


def withdraw(services: Services, opened: Opened, office: str, number: int, language: str) -> bool:
    """Take the case back from an office; return whether it had read any of it.

    Who was asked to pass the case on to it is told not to. Raises ConflictError,
    KeyringError, ReportError, StoreError.
    """
    if office not in opened.holders:
        raise ReportError("this office does not hold the case, choose one that does")
    told = Draft(_notice(services, "withdrawal", language), number, (office,))
    notice = _notify(services, opened, told)
    return services.cases.withdraw(
        replace(notice, needs=()),
        _stop_referrals(services, opened, office, language),
        opened.of(office),
        opened.case.additions,
    )


def _stop_referrals(
    services: Services, opened: Opened, office: str, language: str
) -> tuple[Item, ...]:
    """Return what is told to those who were asked to pass the case on to an office."""
    asked = tuple(
        other
        for other in opened.holders
        if other != office and _referral(opened, office, other) in opened.case.additions
    )
    told = Draft(_notice(services, "stopped", language), 0, asked, (office,))
    return _told(services, opened, f"stopped/{office}", told)


def ask_deletion(services: Services, opened: Opened, number: int, language: str) -> None:
    """Tell the offices, and delete the case after seven days. Raises as `add`."""
    if opened.case.deletion:
        return
    told = Draft(_notice(services, "deletion", language), number, opened.holders)
    due = services.today() + timedelta(days=limits.DELETION_DAYS)
    services.cases.ask_deletion(_notify(services, opened, told), due)


def cancel_deletion(services: Services, opened: Opened, number: int, language: str) -> None:
    """Tell the offices, and keep the case after all. Raises as `add`."""
    if not opened.case.deletion:
        return
    told = Draft(_notice(services, "kept", language), number, opened.holders)
    services.cases.ask_deletion(_notify(services, opened, told), None)


def close(services: Services, opened: Opened, language: str) -> None:
    """Tell the offices that somebody has the words, and let them open nothing any more.

    A deletion that was asked for is cancelled: nobody could cancel it later.
    """
    told = Draft(_notice(services, "exposed", language), 0, opened.holders)
    services.cases.close_mailbox(_notify(services, opened, told), services.random(32))


def _notice(services: Services, name: str, language: str) -> Report:
    """Return an addition without a question."""
    programme = services.programme
    return Report({}, programme.digest, (), name, language, (), programme.id, programme.version)


def _notify(services: Services, opened: Opened, told: Draft) -> Addition:
    """Return a notice, sealed for its offices; raises ConflictError where it is not the next.

    What is beyond the count tells nobody any more, and is done all the same.
    """
    group, number = told.report.group, told.number
    if opened.numbers[group] >= limits.ADDITIONS:
        name = services.random(16).hex()
        return replace(_addition(services, opened, told, ()), id=name)
    _is_new(opened, told)
    return _addition(services, opened, told, _told(services, opened, f"{group}/{number}", told))


def _told(services: Services, opened: Opened, name: str, told: Draft) -> tuple[Item, ...]:
    """Return a notice for each office that has keys today; the others cannot be told."""
    today = services.today()
    readers = {office: services.programme.office(office).read_by for office in told.offices}
    replies = _replies(services, opened)
    return tuple(
        _message(services, opened, name, (office, _body(told, office)), replies)
        for office, reader in readers.items()
        if services.keyring.is_open(reader, today)
    )


def missing(services: Services, opened: Opened) -> dict[str, tuple[str, ...]]:
    """Return for each office that holds the case the groups it would still need."""
    found: dict[str, tuple[str, ...]] = {}
    for office in opened.holders:
        needs = services.programme.office(office).needs
        found[office] = tuple(group for group in needs if not opened.numbers[group])
    return {office: groups for office, groups in found.items() if groups}
