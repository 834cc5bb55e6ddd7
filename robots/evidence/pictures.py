"""Masked pictures of a page.

Where personal data stands is found in the page, the picture is taken, and the places are covered in the picture: the
page itself is never touched, so that looking cannot change what is about to be sent. The covering and the keeping go
on in a thread of their own while the robot works on.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw

from robots.evidence.redaction import PAGE_PATTERNS
from robots.one_trip import ask

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page

_FIND_BOXES = (Path(__file__).parent / "find_boxes.js").read_text("utf-8")
_BORDER = """frame => { const style = getComputedStyle(frame);
  return [frame.clientLeft + parseFloat(style.paddingLeft), frame.clientTop + parseFloat(style.paddingTop)]; }"""
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Mask:
    """What is covered beside the patterns: ``known`` values (names, addresses) and elements by CSS selector."""

    known: tuple[str, ...] = ()
    selectors: tuple[str, ...] = ()


class Photographer:
    """Takes masked pictures and hands them on as JPEG files."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pictures")
        self._pending: list[Future[None]] = []

    def take(self, page: Page, mask: Mask, keep: Callable[[bytes], object]) -> None:
        """Take a picture of what the window shows. ``keep`` gets it soon, and by ``finish`` at the latest."""
        boxes = list(_boxes(page, mask))
        picture = page.screenshot(type="jpeg", quality=80, animations="allow", caret="initial", scale="css")
        boxes += _boxes(page, mask)  # what moved in between is covered in both places
        self._pending.append(self._pool.submit(_cover, picture, boxes, keep))

    def finish(self) -> None:
        """Wait until every picture is kept. Raises what went wrong when one is not."""
        pending, self._pending = self._pending, []
        for future in pending:
            future.result()

    def close(self) -> None:
        self._pool.shutdown()


def _boxes(page: Page, mask: Mask) -> list[Box]:
    known = [" ".join(value.lower().split()) for value in mask.known]
    told = [PAGE_PATTERNS, [value for value in known if len(value) > 2], list(mask.selectors)]
    found: list[Box] = []
    for frame in page.frames:
        left, top = _offset(frame)
        found += [(x + left, y + top, w, h) for x, y, w, h in _in_frame(frame, told)]
    return found


def _in_frame(frame: Frame, told: Any) -> list[Box]:
    boxes: list[Box] = ask(frame, _FIND_BOXES, told)
    return boxes


def _offset(frame: Frame) -> tuple[float, float]:
    """Where a frame's own corner is in the window, inside its border."""
    if frame.parent_frame is None:
        return 0.0, 0.0
    holder = frame.frame_element()
    box = holder.bounding_box()
    border: list[float] = holder.evaluate(_BORDER)
    return (box["x"] + border[0], box["y"] + border[1]) if box else (0.0, 0.0)


def _cover(picture: bytes, boxes: Sequence[Box], keep: Callable[[bytes], object]) -> None:
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    draw = ImageDraw.Draw(image)
    for x, y, width, height in boxes:
        draw.rectangle((x - 2, y - 1, x + width + 2, y + height + 1), fill=(70, 70, 76))
    covered = io.BytesIO()
    image.save(covered, "JPEG", quality=70)
    keep(covered.getvalue())
