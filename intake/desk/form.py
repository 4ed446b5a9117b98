"""The page of the self-watch: what the form hands out, and how it is looked at."""

from flask import redirect, request
from flask.typing import ResponseReturnValue

from intake.desk import watch as seeing
from intake.desk.services import render, services, unlocked
from intake.desk.watching import PROXY, WATCH, visitor


def show() -> str:
    """Show what the last watch saw."""
    watching = services().syncing.watching
    with unlocked() as (opened, _):
        seen = seeing.kept(opened)
        settings = opened.settings
    return render(
        "form.html",
        seen=seen,
        sentences=list(seeing.sentences(seen)) if seen else [],
        message=watching.message,
        is_running=watching.is_running,
        site=settings["server"],
        proxy=settings.get(PROXY, ""),
        is_daily=settings.get(WATCH) != "off",
    )


def watch() -> ResponseReturnValue:
    """Look at the form now."""
    services().syncing.watching.start()
    return redirect("/form", 303)


def settings() -> ResponseReturnValue:
    """Keep how the form is looked at; raises ConfigError."""
    proxy = request.form.get("proxy", "").strip()
    at = services()
    with unlocked() as (opened, _):
        site = opened.settings["server"]
    visitor(site, proxy)
    at.vault.set(PROXY, proxy)
    at.vault.set(WATCH, "on" if request.form.get("daily") else "off")
    return redirect("/form", 303)
