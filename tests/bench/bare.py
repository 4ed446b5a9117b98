"""The measure: a Flask view that commits one row of a filing's size, and no more."""

import os
import secrets
import sqlite3
import threading

from flask import Flask, request

app = Flask(__name__)
_local = threading.local()

SIZE = 22_000
"""Bytes of a filing to three offices: three payloads and three headers of two keys."""


@app.post("/")
def keep() -> str:
    """Insert one row and commit it to the disk, as the store does."""
    if not hasattr(_local, "connection"):
        _local.connection = sqlite3.connect(os.environ["INTAKE_BARE"], timeout=10)
        _local.connection.execute("PRAGMA synchronous = FULL")
    account = request.form["report"]
    with _local.connection as connection:
        row = (secrets.token_hex(16), account.encode().ljust(SIZE)[:SIZE])
        connection.execute("INSERT INTO filings VALUES (?, ?)", row)
    return "kept"
