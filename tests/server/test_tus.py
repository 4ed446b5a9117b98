"""Files arrive by tus 1.0.0: resumable, refused where they break its rules, never plain."""

import pytest

from intake.server.guard import Slots
from tests.server.conftest import MakeSite
from tests.support.sealed import PART, TUS, begin, sealed_file, send
from tests.support.site import Site

FILE = sealed_file(b"\xff\xd8 a picture \xff\xd9" * 9000)
SIZE = len(FILE.data)


def patch(site: Site, name: str, offset: int, data: bytes, **headers: str) -> tuple[int, str]:
    """Send a part; return status, and the offset or the code of the refusal."""
    sent = {**PART, "Upload-Offset": str(offset), **headers}
    answer = site.client.patch(f"/api/v1/uploads/{name}", data=data, headers=sent)
    assert answer.headers.get("Tus-Resumable", "1.0.0") == "1.0.0"
    said = answer.headers.get("Upload-Offset") or (answer.json or {})["code"]
    return answer.status_code, said


def test_options_say_what_is_spoken(site: Site) -> None:
    """Version, extensions, largest file."""
    answer = site.client.options("/api/v1/uploads")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Extension"] == "creation,termination"
    assert answer.headers["Tus-Max-Size"] == str(2 << 30)


def test_upload_in_parts_stands_where_it_stands(site: Site) -> None:
    """HEAD says so after each part, and is never kept by a cache."""
    name = begin(site, SIZE)
    assert patch(site, name, 0, FILE.data[:1000]) == (204, "1000")
    head = site.client.head(f"/api/v1/uploads/{name}", headers=TUS)
    assert head.headers["Upload-Offset"] == "1000"
    assert head.headers["Upload-Length"] == str(SIZE)
    assert head.headers["Cache-Control"] == "no-store"
    assert patch(site, name, 1000, FILE.data[1000:]) == (204, str(SIZE))


@pytest.mark.parametrize("offset", [0, 999, 1001, SIZE])
def test_offset_that_skips_or_repeats_conflicts(site: Site, offset: int) -> None:
    """409, and nothing is kept of it."""
    name = begin(site, SIZE)
    patch(site, name, 0, FILE.data[:1000])
    assert patch(site, name, offset, FILE.data[offset:]) == (409, "offset")
    head = site.client.head(f"/api/v1/uploads/{name}", headers=TUS)
    assert head.headers["Upload-Offset"] == "1000"


def test_plain_file_is_refused(site: Site) -> None:
    """Whatever its name says."""
    name = begin(site, 1000)
    assert patch(site, name, 0, b"They came at night. " * 50) == (400, "not_sealed")


def test_longer_than_announced_is_refused(site: Site) -> None:
    """413."""
    name = begin(site, SIZE - 5)
    assert patch(site, name, 0, FILE.data) == (413, "too_large")


@pytest.mark.parametrize(
    ("size", "status"),
    [
        ("", 400),
        ("-1", 400),
        ("0", 413),
        ("1e3", 400),
        ("٣", 400),
        (str(1 << 31 | 1), 413),
        ("9" * 400, 400),
    ],
)
def test_length_must_be_a_number_that_fits(site: Site, size: str, status: int) -> None:
    """Before anything is made."""
    headers = {**TUS, "Upload-Length": size.encode().decode("latin-1")}
    answer = site.client.post("/api/v1/uploads", headers=headers)
    assert answer.status_code == status
    assert "Location" not in answer.headers


@pytest.mark.parametrize("version", ["", "0.2.2", "1.0.1"])
def test_other_versions_are_refused(site: Site, version: str) -> None:
    """412, with what is spoken."""
    headers = {"Tus-Resumable": version, "Upload-Length": "9"}
    answer = site.client.post("/api/v1/uploads", headers=headers)
    assert answer.status_code == 412
    assert answer.headers["Tus-Version"] == "1.0.0"


def test_part_of_another_type_is_refused(site: Site) -> None:
    """415."""
    name = begin(site, SIZE)
    said = patch(site, name, 0, FILE.data, **{"Content-Type": "application/octet-stream"})
    assert said == (415, "type")


@pytest.mark.parametrize("name", ["0" * 32, "x", "..%2f..%2fintake.sqlite3", "é" * 32])
def test_unknown_upload_is_not_found(site: Site, name: str) -> None:
    """For each method."""
    for method in ("HEAD", "PATCH", "DELETE"):
        headers = {**PART, "Upload-Offset": "0"}
        answer = site.client.open(f"/api/v1/uploads/{name}", method=method, headers=headers)
        assert answer.status_code == 404, method


def test_upload_is_taken_back(site: Site) -> None:
    """DELETE, and it is gone."""
    told = send(site, FILE)
    path = f"/api/v1/uploads/{told.id}"
    assert site.client.delete(path, headers=TUS).status_code == 204
    assert site.client.head(path, headers=TUS).status_code == 404


def test_call_from_another_site_is_refused(site: Site) -> None:
    """By what a browser says of itself; programs say nothing."""
    for headers in ({"Origin": "https://evil.test"}, {"Sec-Fetch-Site": "cross-site"}):
        sent = {**TUS, **headers, "Upload-Length": "9"}
        answer = site.client.post("/api/v1/uploads", headers=sent)
        assert answer.status_code == 403


def test_largest_file_is_a_setting(sites: MakeSite) -> None:
    """0 takes none."""
    site = sites(file_megabytes=0)
    answer = site.client.post("/api/v1/uploads", headers={**TUS, "Upload-Length": "1"})
    assert (answer.status_code, (answer.json or {})["code"]) == (413, "too_large")


def test_full_disk_is_said(sites: MakeSite) -> None:
    """507, before a byte is sent."""
    site = sites(disk_megabytes=100_000_000)
    answer = site.client.post("/api/v1/uploads", headers={**TUS, "Upload-Length": "1"})
    assert (answer.status_code, (answer.json or {})["code"]) == (507, "full")


def test_uploads_leave_threads_for_reports(site: Site) -> None:
    """Half of them; the next is told to wait, and reports are taken."""
    name = begin(site, SIZE)
    slots = site.services.slots
    assert isinstance(slots, Slots)
    half = site.services.config.threads // 2
    for _ in range(half):
        slots.__enter__()
    assert patch(site, name, 0, FILE.data) == (503, "slots")
    assert site.client.get("/en/").status_code == 200
    slots.__exit__()
    assert patch(site, name, 0, FILE.data) == (204, str(SIZE))


def test_what_a_client_says_of_a_file_is_kept_nowhere(site: Site) -> None:
    """Standard clients send names in the clear; ours sends none."""
    metadata = "filename cGxhaW4tbmFtZS5qcGc="
    headers = {**TUS, "Upload-Length": str(SIZE), "Upload-Metadata": metadata}
    name = site.client.post("/api/v1/uploads", headers=headers).headers["Location"]
    head = site.client.head(name, headers=TUS)
    assert "Upload-Metadata" not in head.headers
