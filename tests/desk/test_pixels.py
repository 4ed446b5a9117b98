"""Pictures as pixels: what is shown is made here, upright, small, and says nothing else."""

import random
import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from intake.desk import confined, pixels
from intake.errors import PictureError
from tests.media.pictures import chunk
from tests.media.samples import every, mutated
from tests.support.desk import refused

RED, BLUE = (250, 10, 10), (10, 10, 250)
KINDS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}


def drawn(form: str, image: Image.Image | None = None, **options: object) -> bytes:
    """Return a picture of a form: red left and blue right, where no other is given."""
    if image is None:
        image = Image.new("RGB", (64, 32), RED)
        image.paste(BLUE, (32, 0, 64, 32))
    out = BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def shown(data: bytes, form: str) -> Image.Image:
    """Return what is shown of a picture, loaded."""
    made = Image.open(BytesIO(pixels.redraw(data, KINDS[form])), formats=["PNG"])
    made.load()
    return made


def is_near(found: object, wanted: tuple[int, ...]) -> bool:
    """Whether a pixel is what it was but for a lossy form."""
    assert isinstance(found, tuple)
    return all(abs(one - other) < 30 for one, other in zip(found, wanted, strict=True))


@pytest.mark.parametrize("form", KINDS)
def test_picture_is_shown_as_it_is(form: str) -> None:
    """Its size and its colours, of each form."""
    made = shown(drawn(form), form)
    assert made.size == (64, 32)
    assert is_near(made.getpixel((8, 16)), RED)
    assert is_near(made.getpixel((56, 16)), BLUE)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_picture_is_shown_upright_and_tells_nothing(form: str) -> None:
    """What the camera noted turns it, and is not in what is shown."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "canarywordofaperson"
    said = pixels.redraw(drawn(form, exif=exif), KINDS[form])
    assert b"canary" not in said
    made = Image.open(BytesIO(said))
    assert made.size == (32, 64)
    assert is_near(made.getpixel((16, 8)), RED)
    assert is_near(made.getpixel((16, 56)), BLUE)
    names, at = [], 8
    while at < len(said):
        length, name = struct.unpack_from(">I4s", said, at)
        names.append(name)
        at += length + 12
    assert names == [b"IHDR", b"IDAT", b"IEND"]


def test_broken_notes_of_a_camera_hide_no_picture() -> None:
    """It is shown as it lies."""
    plain = drawn("JPEG")
    bad = b"Exif\0\0MM\0*\xff\xff\xff\xff"
    data = plain[:2] + b"\xff\xe1" + struct.pack(">H", len(bad) + 2) + bad + plain[2:]
    assert shown(data, "JPEG").size == (64, 32)


@pytest.mark.parametrize(
    ("mode", "form", "wanted"),
    [
        ("1", "PNG", (255, 255, 255)),
        ("L", "PNG", (200, 200, 200)),
        ("LA", "PNG", (200, 200, 200, 100)),
        ("P", "PNG", (200, 200, 200)),
        ("RGBA", "PNG", (200, 150, 100, 50)),
        ("RGBA", "WEBP", (200, 150, 100, 50)),
        ("I;16", "PNG", (200, 200, 200)),
        ("L", "JPEG", (200, 200, 200)),
        ("CMYK", "JPEG", (200, 200, 200)),
        ("P", "GIF", (200, 200, 200)),
    ],
)
def test_every_kind_of_pixel_is_shown(mode: str, form: str, wanted: tuple[int, ...]) -> None:
    """Also small: what has no plain colours is brought into them first."""
    colour: dict[str, int | tuple[int, ...]] = {
        "1": 1,
        "LA": (200, 100),
        "RGBA": (200, 150, 100, 50),
        "I;16": 200 * 256 + 9,
        "CMYK": (0, 0, 0, 55),
    }
    for side in (20, 2300):
        image = Image.new("L" if mode == "P" else mode, (side, 2), colour.get(mode, 200))
        image = image.convert("P") if mode == "P" else image
        made = shown(drawn(form, image, lossless=True), form)
        assert made.size[0] == min(side, 2000)
        assert is_near(made.getpixel((10, 0)), wanted), side


def test_transparent_colour_stays_transparent() -> None:
    """As a GIF and a PNG name one."""
    for form, image, clear in (
        ("GIF", Image.new("P", (4, 4), 1), 1),
        ("PNG", Image.new("RGB", (4, 4), RED), RED),
    ):
        made = shown(drawn(form, image, transparency=clear), form)
        assert made.mode == "RGBA"
        pixel = made.getpixel((1, 1))
        assert isinstance(pixel, tuple)
        assert pixel[3] == 0


def test_large_picture_is_made_small() -> None:
    """As large as a screen, in its own proportion."""
    made = shown(drawn("JPEG", Image.new("RGB", (6000, 3000), RED)), "JPEG")
    assert made.size == (2000, 1000)
    assert is_near(made.getpixel((999, 500)), RED)


def test_only_the_first_frame_is_shown() -> None:
    """However many there are."""
    frames = [Image.new("P", (8, 8), at % 3) for at in range(1000)]
    data = drawn("GIF", frames[0], save_all=True, append_images=frames[1:])
    assert shown(data, "GIF").size == (8, 8)


def bomb(width: int = 12_000, height: int = 12_000) -> bytes:
    """Return a PNG of 144 million pixels in some 17 kB."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    packed = zlib.compress(bytes((width // 8 + 1) * height), 9)
    start = b"\x89PNG\r\n\x1a\n"
    return start + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def test_bombs_are_refused_before_they_are_unpacked() -> None:
    """By what their head says; also where it says more than there is."""
    assert len(bomb()) < 20_000
    for data in (bomb(), bomb(2**31 - 1, 1)[:40] + bomb()[40:]):
        refused(lambda made=data: pixels.redraw(made, "image/png"), PictureError)  # type: ignore[misc]
    assert "pixels" in refused(lambda: pixels.redraw(bomb(), "image/png"), PictureError)
    assert shown(bomb(64_000, 8), "PNG").size == (2000, 1)


@pytest.mark.slow
def test_largest_picture_fits_into_time_and_memory() -> None:
    """A hundred and twenty million pixels, with a palette and without."""
    for mode in ("P", "RGB"):
        image = Image.new(mode, (12_000, 10_000), 3)
        assert shown(drawn("PNG", image, compress_level=1), "PNG").size == (2000, 1667)


DAMAGED = {
    "nothing": (b"", "PNG"),
    "garbage": (b"\x89PNG\r\n\x1a\n" + bytes(100), "PNG"),
    "html": (b"<html><script>alert(1)</script>", "JPEG"),
    "another form": (drawn("PNG"), "JPEG"),
    "cut off": (drawn("JPEG", Image.effect_noise((300, 300), 90))[:5000], "JPEG"),
    "bad checksum": (drawn("PNG").replace(b"IDAT", b"IDAT\xff", 1), "PNG"),
    "a sound in the box of a picture": (every()["recorder.wav"].replace(b"WAVE", b"WEBP"), "WEBP"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_what_is_no_picture_is_refused_by_name(name: str) -> None:
    """And the next one is drawn."""
    data, form = DAMAGED[name]
    assert "damaged" in refused(lambda: pixels.redraw(data, KINDS[form]), PictureError)
    assert shown(drawn(form), form).size == (64, 32)


def test_other_kinds_and_long_files_start_no_process() -> None:
    """They are refused by what they are."""
    for kind in ("image/svg+xml", "image/tiff", "image/avif", "application/pdf", ""):
        refused(lambda k=kind: pixels.redraw(drawn("PNG"), k), PictureError)  # type: ignore[misc]
    assert "large" in refused(
        lambda: pixels.redraw(bytes(pixels.PICTURE + 1), "image/png"), PictureError
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_changed_pictures_are_drawn_or_refused(seed: int) -> None:
    """Whatever was changed in them."""
    rng = random.Random(seed)  # noqa: S311 - the same each time
    for form in KINDS:
        data = mutated(rng, drawn(form))
        try:
            assert shown(data, form).size[0] <= confined.LONG_SIDE
        except PictureError:
            continue


def test_what_a_process_says_is_pixels_or_refused() -> None:
    """Should a file have made it say something else, no byte of it is passed on."""
    head = struct.pack(confined.HEAD, 2, 1, 3)
    assert Image.open(BytesIO(pixels.png(head + b"abcdef"))).tobytes() == b"abcdef"
    for said in (
        b"",
        head,
        head + b"abcde",
        head + b"abcdefg",
        struct.pack(confined.HEAD, 0, 1, 3),
        struct.pack(confined.HEAD, 2001, 1, 3) + bytes(6003),
        struct.pack(confined.HEAD, 2, 1, 2) + bytes(4),
        drawn("PNG"),
        b"<html><script>alert(1)</script>",
    ):
        refused(lambda made=said: pixels.png(made), PictureError)  # type: ignore[misc]


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([3, 4]), st.randoms())
def test_made_png_holds_just_the_pixels(
    width: int, height: int, pixel: int, rng: random.Random
) -> None:
    """An independent reader finds them."""
    body = rng.randbytes(width * height * pixel)
    made = Image.open(BytesIO(pixels.png(struct.pack(confined.HEAD, width, height, pixel) + body)))
    assert made.size == (width, height)
    assert made.tobytes() == body
