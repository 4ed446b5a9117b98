"""What a desk keeps beside cases: recovery sheet, passphrase, backup; and sealing anew.

Rules: a recovery key is shown once and never written; a passphrase is used and forgotten; nothing
leaves the vault here but a sealed backup.
"""

from flask import redirect, request
from flask.typing import ResponseReturnValue

from intake.crypto.unseal import generate_hybrid
from intake.desk import keys
from intake.desk.keys import file_of, own_of, recovery_of, with_recovery
from intake.desk.office import Said, answered, page
from intake.desk.services import render, services, unlocked
from intake.desk.sheet import PRINTED, SHEET, WAITING, Sheet, typed_key
from intake.desk.syncing import ACKNOWLEDGE
from intake.desk.typed import path_of
from intake.errors import ConfigError
from intake.vault import backup as backups
from intake.vault import identity


def sheet() -> ResponseReturnValue:
    """Show the recovery sheet, as long as it is held."""
    held = services().sheets.find()
    return render("recovery.html", sheet=held) if held else redirect("/office", 303)


def printed() -> ResponseReturnValue:
    """Let the recovery sheet go: it is on paper."""
    at = services()
    if at.sheets.find():
        at.vault.set(SHEET, PRINTED)
        at.sheets.forget()
    return redirect("/office", 303)


def recovery() -> ResponseReturnValue:
    """Make a new recovery key in place of the old one, and show its sheet."""
    return answered("recovery", _recovery)


def seal() -> ResponseReturnValue:
    """Start sealing anew what is open, with a recovery key besides where one was typed."""
    return answered("seal", _seal)


def sealing() -> str:
    """Show how sealing anew stands."""
    return render("resealing.html", stand=services().resealing.stand)


def acknowledge() -> ResponseReturnValue:
    """Keep whether each new case is told that it was opened."""
    services().vault.set(ACKNOWLEDGE, "on" if request.form.get("acknowledge") else "off")
    return redirect("/office#settings", 303)


def passphrase() -> ResponseReturnValue:
    """Seal the identity file with another passphrase."""
    return answered("passphrase", _passphrase)


def backup() -> ResponseReturnValue:
    """Write the vault, sealed, to a path on this machine."""
    return answered("backup", _backup, "path")


def _recovery() -> ResponseReturnValue:
    if "confirm" not in request.form:
        raise ConfigError("say that the old sheet will open nothing that is sealed from now on")
    at, made = services(), generate_hybrid()
    with unlocked() as (opened, _):
        file = with_recovery(file_of(opened), made.recipient(), at.today())
        told = opened.settings
    at.vault.set(SHEET, WAITING)
    keys.take(at.vault, file, at.today())
    at.sheets.hold(Sheet(told["office"], told["server"], at.today(), made))
    return redirect("/recovery", 303)


def _seal() -> ResponseReturnValue:
    typed = request.form.get("secret", "").strip()
    with unlocked():  # a locked vault is said now, not in the run
        services().resealing.start([typed_key(typed)] if typed else [])
    return redirect("/office/seal", 303)


def _passphrase() -> ResponseReturnValue:
    form = request.form
    new = form.get("new", "")
    identity.check_passphrase(new, form.get("again", ""))
    identity.change(services().home.identity, form.get("old", ""), new)
    return page(
        Said("passphrase", "the new passphrase opens your identity from now on", is_done=True)
    )


def _backup() -> ResponseReturnValue:
    at, path = services(), path_of(request.form.get("path", "").strip())
    if path.is_dir():
        path /= f"intake-vault-{at.today()}.age"
    if not path.parent.is_dir():
        raise ConfigError("there is no such folder, make it first or correct the path")
    if path.resolve().is_relative_to(at.home.folder.resolve()):
        raise ConfigError("a backup beside the vault is lost with it, name another disk")
    with unlocked() as (opened, _):
        recovery = [key.recipient for key in recovery_of(file_of(opened), at.today())]
        to = list(dict.fromkeys([*own_of(opened), *recovery]))
    backups.backup(at.vault, to, path)
    said = "the backup is written; it opens with your identity"
    return page(
        Said("backup", f"{said} and the recovery sheet" if recovery else said, is_done=True)
    )
