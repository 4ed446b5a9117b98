"""Pictures as pixels: a hostile file is decoded by a process that can do nothing else.

Rules: the process is started anew for each picture, isolated, with an empty environment, and ended
when its time is over or it says too much; what it says are numbers of pixels, from which the PNG
is made here: so no byte that the file chose reaches a browser, whatever the file did to it.
On Linux `confined` refuses to work where the kernel does not confine it. On macOS there are only
limits of memory, time and files, on Windows only those of time and output that are kept here.
"""

import os
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from intake.desk import confined
from intake.errors import PictureError

KINDS = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
}
"""What is redrawn, by its true type, and what Pillow calls it."""
PICTURE = 64 << 20
"""The longest file that is redrawn: a telephone's largest photographs have 50 MB."""
SECONDS = 10
"""The longest that a picture is waited for."""
PROGRAM = str(Path(confined.__file__))
_HEAD = struct.Struct(confined.HEAD)
_PIXEL = (3, 4)
_OUTPUT = _HEAD.size + confined.LONG_SIDE**2 * max(_PIXEL)
_TURNS = threading.BoundedSemaphore(2)
"""Pictures decoded at once: each may take a GiB."""
_KILLED = -9
"""What a process returns that used up its time on the processor."""
_LEVEL = 1
"""Of compression: the PNG goes no farther than this machine's browser."""


def redraw(data: bytes, kind: str) -> bytes:
    """Return a picture of one of `KINDS` as a PNG made of its pixels; raises PictureError."""
    if kind not in KINDS:
        raise PictureError("this kind of picture is not drawn here, save it to look at it")
    if len(data) > PICTURE:
        raise PictureError("the picture is too large to be drawn here, save it to look at it")
    with _TURNS:
        return png(ask([PROGRAM, KINDS[kind]], data))


def ask(arguments: Sequence[str], data: bytes, seconds: float = SECONDS) -> bytes:
    """Return what a confined program answers to `data`; raises PictureError.

    1. A second thread writes, so that neither side waits for the other.
    2. A third ends the process when its time is over; then the pipes end too.
    3. No more is read than can be pixels.
    """
    with subprocess.Popen(  # noqa: S603 - this interpreter, and a program of ours
        [sys.executable, "-I", "-B", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        cwd=Path(sys.executable).anchor,
        close_fds=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        # 1.
        writer = threading.Thread(target=_write, args=(process.stdin, data), daemon=True)
        # 2.
        timer = threading.Timer(seconds, process.kill)
        writer.start()
        timer.start()
        try:
            # 3.
            said = process.stdout.read(_OUTPUT + 1)
            if len(said) > _OUTPUT:
                raise PictureError("the picture could not be drawn, it may be made to do harm")
            code = process.wait()
        finally:
            is_over = not timer.is_alive()
            timer.cancel()
            process.kill()
            writer.join()
    _check(code, is_over=is_over)
    return said


def _check(code: int, *, is_over: bool) -> None:
    if code == 0:
        return
    if is_over or code == _KILLED:
        raise PictureError("the picture takes too long to be drawn, it may be made to do harm")
    if code == confined.UNCONFINED:
        raise PictureError("this system cannot confine what draws pictures, save it elsewhere")
    if code == confined.TOO_LARGE:
        raise PictureError("the picture has too many pixels, it may be made to do harm")
    raise PictureError("the picture is damaged or no picture, save it to look at it")


def png(said: bytes) -> bytes:
    """Return the PNG of the pixels that a process said; raises PictureError."""
    width, height, pixel = _HEAD.unpack_from(said) if len(said) >= _HEAD.size else (0, 0, 0)
    is_small = 0 < width <= confined.LONG_SIDE and 0 < height <= confined.LONG_SIDE
    if not is_small or pixel not in _PIXEL or len(said) != _HEAD.size + width * height * pixel:
        raise PictureError("the picture could not be drawn, it may be made to do harm")
    row, rows = width * pixel, memoryview(said)[_HEAD.size :]
    packed = zlib.compressobj(_LEVEL)
    lines = bytearray()
    for start in range(0, len(rows), row):
        # Each row has a filter of its own: none.
        lines += packed.compress(b"\0") + packed.compress(rows[start : start + row])
    lines += packed.flush()
    # PNG specification, 11.2.2: depth 8, colour 2 or 6 with transparency.
    head = struct.pack(">IIBBBBB", width, height, 8, 2 if pixel == _PIXEL[0] else 6, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", bytes(lines)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*one) for one in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    body = name + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def _write(pipe: BinaryIO, data: bytes) -> None:
    # A process that has ended reads no more.
    with suppress(OSError), pipe:
        pipe.write(data)


def _environment() -> dict[str, str]:
    """Return an empty environment; Windows starts no program without the folder of its system."""
    return {name: os.environ[name] for name in ("SYSTEMROOT",) if sys.platform == "win32"}
