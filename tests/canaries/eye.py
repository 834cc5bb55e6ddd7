"""Reads pictures as a person would: by OCR, each twice as large."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from PIL import Image, ImageDraw, ImageFont

from tests.canaries.places import Place

READERS = 2


def demand_reader() -> None:
    """Raise ``SystemExit`` without one: pictures that nobody has read show nothing."""
    if shutil.which("tesseract") is None or "swe" not in _ask(["--list-langs"]):
        raise SystemExit("No OCR on this machine. apt-get install tesseract-ocr tesseract-ocr-swe")


def read(pictures: Iterable[Place]) -> Iterator[Place]:
    """What each picture says."""
    with ThreadPoolExecutor(READERS) as readers:
        yield from readers.map(lambda each: Place("picture", each.name, words_in(each.content).encode()), pictures)


def words_in(picture: bytes) -> str:
    image = Image.open(io.BytesIO(picture)).convert("L")
    large = io.BytesIO()
    image.resize((image.width * 2, image.height * 2), Image.Resampling.LANCZOS).save(large, "PNG")
    return _ask(["stdin", "stdout", "-l", "swe", "--psm", "11"], large.getvalue())


def picture_of(words: str) -> bytes:
    """For the control: the words as a page would show them."""
    image = Image.new("RGB", (1000, 120), "white")
    ImageDraw.Draw(image).text((20, 40), words, fill="black", font=ImageFont.load_default(16))
    made = io.BytesIO()
    image.save(made, "JPEG", quality=70)
    return made.getvalue()


def _ask(line: list[str], content: bytes = b"") -> str:
    told = subprocess.run(
        ["tesseract", *line], input=content, capture_output=True, check=True, timeout=120,
        env=os.environ | {"OMP_THREAD_LIMIT": "1"},
    )  # fmt: skip
    return told.stdout.decode("utf-8", "replace")
