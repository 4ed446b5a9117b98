"""The process that decodes a hostile picture: bytes come in, pixels go out, and nothing else.

Started by `pixels` as a program of its own (`python -I -B confined.py FORMAT`); the desk imports
its numbers only, never Pillow. It imports nothing of Intake, so that little lies in its memory.

Rules kept here, in this order:
1. Limits first: memory, time on the processor, no file written, no core, no process.
2. Pillow and all that it loads later are loaded by drawing one small picture of each kind.
3. On Linux every system call is then refused that is not needed to calculate, read and write:
   opening a file, a socket, a program, a process, memory that runs. What cannot be set there ends
   the process: it never reads a byte unconfined.
4. Only then is the picture read.

Source: Linux manual, seccomp(2) and `linux/seccomp.h`, `linux/filter.h`, `linux/audit.h`; the
numbers of calls from `asm/unistd_64.h` (x86_64) and `asm-generic/unistd.h` (aarch64).
"""

import ctypes
import os
import struct
import sys
import warnings
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image, Transpose

TOO_LARGE = 4
"""The exit code where a picture has more pixels, or takes more memory, than is given."""
UNCONFINED = 5
"""The exit code where the process could not be confined."""
HEAD = ">IIB"
"""Before the pixels: width, height, bytes of a pixel (3, or 4 with transparency)."""

LONG_SIDE = 2000
"""Pixels of the longer side of what is shown: more than a screen has."""
_PIXELS = 120_000_000
"""More than the 108 million of telephones, fewer than the 144 million of a bomb of 17 kB."""
_MEMORY = 1 << 30
"""A picture of the most pixels takes 480 MB, with its palette 600; Python and Pillow 150."""
_SECONDS = 10
"""On the processor: a picture of the most pixels takes 3."""
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")

_ORIENTATION = 0x0112
"""The tag of EXIF, section 4.6.4, "Orientation"."""
_DEEP = ("I", "I;16", "I;16B", "F")
"""Grey of 16 bits, as Pillow calls it."""

# From prctl(2) and seccomp(2).
_PR_SET_DUMPABLE = 4
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_MODE_FILTER = 2
_ALLOW = 0x7FFF0000
_KILL = 0x80000000
_REFUSE = 0x00050000 | 1
"""SECCOMP_RET_ERRNO with EPERM."""

# From linux/filter.h: load a word, jump if equal, jump if any bit is set, return.
_LOAD, _IF_EQUAL, _IF_SET, _RETURN = 0x20, 0x15, 0x45, 0x06
_CALL, _ARCHITECTURE, _PROTECTION = 0, 4, 32
"""Where struct seccomp_data has the call, the architecture, and the low half of argument three."""
_PROT_EXEC = 4

_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""The architecture as linux/audit.h numbers it, and which of the two numbers a call has there."""
_MAPPING = {"mmap": (9, 222), "mprotect": (10, 226)}
"""Done where the memory shall not run."""
_CALLS = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "fstat": (5, 80),
    "lseek": (8, 62),
    "munmap": (11, 215),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sched_yield": (24, 124),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "getpid": (39, 172),
    "exit": (60, 93),
    "sigaltstack": (131, 132),
    "gettid": (186, 178),
    "futex": (202, 98),
    "restart_syscall": (219, 128),
    "clock_gettime": (228, 113),
    "exit_group": (231, 94),
    "getrandom": (318, 278),
}


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_ushort),
        ("jt", ctypes.c_ubyte),
        ("jf", ctypes.c_ubyte),
        ("k", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.POINTER(_Instruction)))


def limit() -> None:
    """Set the limits that this system has; raises OSError on Linux where one cannot be set."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - Windows has none

    for name, value in (
        ("RLIMIT_AS", _MEMORY),
        ("RLIMIT_CPU", _SECONDS),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_NPROC", 0),
    ):
        try:
            resource.setrlimit(getattr(resource, name), (value, value))
        except (AttributeError, OSError, ValueError) as error:
            if sys.platform == "linux":
                raise OSError(name) from error


def confine() -> None:
    """Refuse every call that is not needed to calculate; raises OSError where Linux cannot."""
    if sys.platform != "linux":
        return
    import resource  # noqa: PLC0415 - Windows has none

    # None but those that are open.
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
    code = _filter(os.uname().machine)
    made = (_Instruction * len(code))(*(_Instruction(*one) for one in code))
    program = _Program(len(code), made)
    libc = ctypes.CDLL(None, use_errno=True)
    for option, first, second in (
        (_PR_SET_DUMPABLE, 0, None),
        (_PR_SET_NO_NEW_PRIVS, 1, None),
        (_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program)),
    ):
        words = (ctypes.c_ulong(option), ctypes.c_ulong(first), second or ctypes.c_ulong(0))
        if libc.prctl(*words, ctypes.c_ulong(0), ctypes.c_ulong(0)):
            raise OSError(ctypes.get_errno(), "prctl")


def _filter(machine: str) -> list[tuple[int, int, int, int]]:
    """Return the program: (code, steps if so, steps if not, value) each; raises OSError.

    1. Another architecture, whose calls have other numbers, ends the process.
    2. Memory is mapped, but never so that it runs.
    3. What is in the list is done, all else refused.
    """
    if machine not in _MACHINES or sys.maxsize < 1 << 32:
        raise OSError("no list of calls for this machine")
    architecture, which = _MACHINES[machine]
    mapping = [numbers[which] for numbers in _MAPPING.values()]
    calls = [numbers[which] for numbers in _CALLS.values()]
    rest = len(calls)
    return [
        # 1.
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_IF_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _CALL),
        # 2. To the look at the protection, which follows the list.
        *((_IF_EQUAL, len(mapping) - at + rest, 0, call) for at, call in enumerate(mapping)),
        # 3.
        *((_IF_EQUAL, rest - at + 2, 0, call) for at, call in enumerate(calls)),
        (_RETURN, 0, 0, _REFUSE),
        (_LOAD, 0, 0, _PROTECTION),
        (_IF_SET, 1, 0, _PROT_EXEC),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]


def load() -> None:
    """Let Pillow load what it would load later, when it no longer can."""
    from PIL import Image, MpoImagePlugin, TiffImagePlugin  # noqa: F401, PLC0415 - see the rules

    exif = Image.Exif()
    exif[_ORIENTATION] = 6
    for name in _FORMATS:
        drawn = BytesIO()
        Image.new("RGB", (2, 1)).save(drawn, name, exif=exif)
        draw(drawn.getvalue(), name)
    grey = BytesIO()
    Image.new("I;16", (1, 1)).save(grey, "PNG")
    draw(grey.getvalue(), "PNG")


def draw(data: bytes, form: str) -> bytes:
    """Return the first frame's pixels, upright, behind their head; raises whatever Pillow does.

    No colour profile is applied, and none of the file's own words are kept.
    """
    from PIL import Image  # noqa: PLC0415 - after the limits

    Image.MAX_IMAGE_PIXELS = _PIXELS
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    with Image.open(BytesIO(data), formats=[form]) as image:
        if form == "PNG":  # which may say behind the pixels how it lies
            image.load()
        transpose = _transpose(image)
        shown = _flat(image)
    if transpose is not None:
        shown = shown.transpose(transpose)
    return struct.pack(HEAD, *shown.size, len(shown.getbands())) + shown.tobytes()


def _flat(image: "Image") -> "Image":
    """Return an image made small, in plain colours."""
    is_clear = "transparency" in image.info or image.mode in ("LA", "La", "PA", "RGBA", "RGBa")
    mode = "RGBA" if is_clear else "RGB"
    if image.mode in ("1", "P", "PA"):  # which cannot be made small as they are
        image = image.convert(mode)
    image.thumbnail((LONG_SIDE, LONG_SIDE))
    if image.mode in _DEEP:
        image = image.point(lambda value: value / 256).convert("L")
    return image.convert(mode)


def _transpose(image: "Image") -> "Transpose | None":
    from PIL.Image import Transpose as Turn  # noqa: PLC0415 - after the limits

    turns = {
        2: Turn.FLIP_LEFT_RIGHT,
        3: Turn.ROTATE_180,
        4: Turn.FLIP_TOP_BOTTOM,
        5: Turn.TRANSPOSE,
        6: Turn.ROTATE_270,
        7: Turn.TRANSVERSE,
        8: Turn.ROTATE_90,
    }
    try:
        return turns.get(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - broken metadata hides no picture, and Pillow raises anything
        return None


def main(form: str) -> int:
    """Draw the picture on standard input to standard output; return the exit code."""
    try:
        limit()
        load()
        confine()
    except OSError:
        return UNCONFINED
    from PIL import Image  # noqa: PLC0415 - after the limits

    try:
        pixels = draw(sys.stdin.buffer.read(), form)
    except (MemoryError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return TOO_LARGE
    sys.stdout.buffer.write(pixels)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
