"""Masked pictures of a page.

Where personal data stands is found in the page, the picture is taken, and the places are covered in the picture: the
page itself is never touched, so that looking cannot change what is about to be sent. The covering and the writing go
on in a thread of their own while the robot works on.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw

from robots.evidence.redaction import PAGE_PATTERNS

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page

# Returns the boxes (CSS pixels, within the frame) of text and field values that match a pattern or a known value.
_FIND_BOXES = """
([patterns, known, names]) => {
  const tests = patterns.map(p => new RegExp(p, 'giu'));
  const boxes = [];
  const add = r => { if (r.width && r.height) boxes.push([r.left, r.top, r.width, r.height]); };
  const hits = text => {
    const spans = [];
    for (const test of tests) { test.lastIndex = 0; for (const m of text.matchAll(test)) spans.push([m.index, m[0].length]); }
    const low = text.toLowerCase();
    for (const word of known) {
      for (let i = low.indexOf(word); i >= 0; i = low.indexOf(word, i + 1)) spans.push([i, word.length]);
    }
    return spans;
  };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    if (node.nodeValue.trim().length < 3) continue;
    for (const [start, length] of hits(node.nodeValue)) {
      const range = document.createRange();
      range.setStart(node, start); range.setEnd(node, start + length);
      for (const r of range.getClientRects()) add(r);
    }
  }
  for (const field of document.querySelectorAll('input, textarea, select')) {
    if (field.type === 'password' || hits(field.value || '').length) add(field.getBoundingClientRect());
  }
  for (const name of names) {
    for (const element of document.querySelectorAll(name)) add(element.getBoundingClientRect());
  }
  return boxes;
}
"""

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Mask:
    """What is covered beside the patterns: ``known`` values (names, addresses) and elements by CSS selector."""

    known: tuple[str, ...] = ()
    selectors: tuple[str, ...] = ()


class Photographer:
    """Takes masked pictures and writes them as JPEG files."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pictures")
        self._pending: list[Future[None]] = []

    def take(self, page: Page, path: Path, mask: Mask) -> None:
        """Take a picture of what the window shows; it is written to ``path`` soon, and by ``finish`` at the latest."""
        boxes = list(_boxes(page, mask))
        picture = page.screenshot(type="jpeg", quality=80, animations="allow", caret="initial", scale="css")
        boxes += _boxes(page, mask)  # what moved in between is covered in both places
        self._pending.append(self._pool.submit(_cover, picture, boxes, path))

    def finish(self) -> None:
        """Wait until every picture is on disk. Raises what went wrong when one is not."""
        pending, self._pending = self._pending, []
        for future in pending:
            future.result()

    def close(self) -> None:
        self._pool.shutdown()


def _boxes(page: Page, mask: Mask) -> list[Box]:
    told = [PAGE_PATTERNS, [word.lower() for word in mask.known if len(word) > 2], list(mask.selectors)]
    found: list[Box] = []
    for frame in page.frames:
        left, top = _offset(frame)
        found += [(x + left, y + top, w, h) for x, y, w, h in _in_frame(frame, told)]
    return found


def _in_frame(frame: Frame, told: Any) -> list[Box]:
    boxes: list[Box] = frame.evaluate(_FIND_BOXES, told)
    return boxes


def _offset(frame: Frame) -> tuple[float, float]:
    """Where a frame's own corner is in the window."""
    if frame.parent_frame is None:
        return 0.0, 0.0
    box = frame.frame_element().bounding_box()
    return (box["x"], box["y"]) if box else (0.0, 0.0)


def _cover(picture: bytes, boxes: Sequence[Box], path: Path) -> None:
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    draw = ImageDraw.Draw(image)
    for x, y, width, height in boxes:
        draw.rectangle((x - 2, y - 1, x + width + 2, y + height + 1), fill=(70, 70, 76))
    part = path.with_suffix(".part")
    image.save(part, "JPEG", quality=70)
    part.replace(path)
