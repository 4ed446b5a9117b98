"""Opening and locking the vault from a page. The passphrase is used and forgotten."""

from flask import redirect, request
from flask.typing import ResponseReturnValue

from intake.crypto.unseal import open_identities_file
from intake.desk.services import render, services
from intake.errors import IntakeError, NoMatchError


def ask_unlock() -> str:
    """Ask for the passphrase."""
    return render("unlock.html", message="")


def unlock() -> ResponseReturnValue:
    """Open the vault with the identity file, and begin to sync."""
    at = services()
    passphrase = request.form.get("passphrase", "")
    try:
        identities = open_identities_file(at.home.identity.read_bytes(), lambda: passphrase)
        at.vault.unlock(identities)
    except NoMatchError:
        return render("unlock.html", message="this is not its passphrase, type it again"), 403
    except IntakeError as error:
        return render("unlock.html", message=str(error)), 403
    at.syncing.start()
    return redirect("/", 303)


def lock() -> ResponseReturnValue:
    """Lock the vault; what is being fetched at this moment ends."""
    services().vault.lock()
    return redirect("/unlock", 303)
