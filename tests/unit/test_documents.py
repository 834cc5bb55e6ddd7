"""What a file is: by its bytes, whole, whatever it is called."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from robots.systems.documents import PDF_TYPE, UNKNOWN_TYPE, type_of

JPEG_TYPE, PNG_TYPE = "image/jpeg", "image/png"
PDF = b"%PDF-1.7\n" + b"0" * 2000 + b"\n%%EOF\n"


def picture(kind: str, size: tuple[int, int] = (90, 70)) -> bytes:
    drawn = BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(drawn, kind)
    return drawn.getvalue()


JPEG, PNG = picture("JPEG"), picture("PNG")


@pytest.mark.parametrize(
    ("content", "kind"),
    [(JPEG, JPEG_TYPE), (PNG, PNG_TYPE), (PDF, PDF_TYPE), (JPEG + bytes(40), JPEG_TYPE)],
    ids=["jpeg", "png", "pdf", "a jpeg with something behind it"],
)
def test_what_is_whole_is_known(content: bytes, kind: str) -> None:
    assert type_of(content) == kind


@pytest.mark.parametrize(
    "content",
    [b"", b"MZ\x90\x00" + bytes(400), picture("GIF"), b"\xff\xd8\xff" + bytes(4000), b"\x89PNG\r\n\x1a\n" + bytes(99),
     b"<svg xmlns='http://www.w3.org/2000/svg'/>"],
    ids=["nothing", "a program", "another kind", "a jpeg's beginning", "a png's beginning", "a drawing with script"],
)  # fmt: skip
def test_what_only_looks_so_is_of_no_known_kind(content: bytes) -> None:
    assert type_of(content) == UNKNOWN_TYPE


@pytest.mark.parametrize("content", [JPEG, PNG, PDF], ids=["jpeg", "png", "pdf"])
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
def test_what_was_cut_anywhere_is_of_no_known_kind(content: bytes, kept: float) -> None:
    assert type_of(content[: int(len(content) * kept)]) == UNKNOWN_TYPE


def test_a_picture_that_would_fill_the_memory_is_none() -> None:
    huge = bytearray(JPEG)
    sizes = huge.index(b"\xff\xc0") + 5
    huge[sizes : sizes + 4] = (60_000).to_bytes(2, "big") * 2  # 3600 million points, it says

    assert type_of(bytes(huge)) == UNKNOWN_TYPE
