"""Maps that are one picture: a place is pointed at, and known by the coordinates that the page itself reads out."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Locator

from robots.errors import PageNotRecognised, ValueNotKept
from robots.systems.view import PlaywrightError, View

_LOOK_AGAIN = 20  # milliseconds
_MOST_CLICKS = 8
_MOST_ZOOMS = 12
_NUMBER = re.compile(r"-?\d[\d\s\u00a0]*(?:[.,]\d+)?")
Read = Callable[[], tuple[float, float] | None]


@dataclass(frozen=True)
class Pin:
    """Where the page says that the pin stands, in the map's own coordinates."""

    x: float
    y: float


def pin(
    view: View, canvas: Locator, x: float, y: float, *, read: Read, within: float, closer: Locator | None = None
) -> Pin:
    """Put the pin at (x, y), to within ``within`` of the map's units, by clicking in the picture.

    ``read`` tells the coordinates that the page reads out for the pin, or None while there is no pin; ``spoken`` makes
    one of an element's words. The first clicks tell how the picture lies; each one after that comes closer. ``closer``
    is the button that zooms in, used when a picture element is coarser than what is asked for. Raises ``ValueNotKept``
    when the page reads out another place in the end, ``PageNotRecognised`` when the place lies outside the picture or
    the page reads out nothing.
    """
    box = canvas.bounding_box(timeout=view.timeout * 1000)
    if box is None:
        raise PageNotRecognised(f"Kartan på sidan «{view.title}» syns inte.")
    width, height = box["width"], box["height"]
    for _ in range(_MOST_ZOOMS):
        # Two places a third of the picture apart, in both directions: how many units a picture element is.
        first, second = (width / 3, height / 3), (width * 2 / 3, height * 2 / 3)
        one, other = _clicked(view, canvas, first, read), _clicked(view, canvas, second, read)
        per_x, per_y = (other[0] - one[0]) / (second[0] - first[0]), (other[1] - one[1]) / (second[1] - first[1])
        if not per_x or not per_y:
            raise PageNotRecognised(f"Kartan på sidan «{view.title}» säger samma plats för två olika.")
        at = (second[0] + (x - other[0]) / per_x, second[1] + (y - other[1]) / per_y)
        if not (0 <= at[0] < width and 0 <= at[1] < height):
            raise PageNotRecognised(f"Platsen ligger utanför det som kartan på sidan «{view.title}» visar.")
        if max(abs(per_x), abs(per_y)) / 2 <= within or closer is None:
            break
        _nearer(view, canvas, at, read, closer)
    told = (0.0, 0.0)
    for _ in range(_MOST_CLICKS):
        told = _clicked(view, canvas, at, read)
        if abs(told[0] - x) <= within and abs(told[1] - y) <= within:
            return Pin(*told)
        at = (at[0] + (x - told[0]) / per_x, at[1] + (y - told[1]) / per_y)
        if not (0 <= at[0] < width and 0 <= at[1] < height):
            break
    raise ValueNotKept(f"Kartan på sidan «{view.title}» säger {told[0]:g}, {told[1]:g} och inte {x:g}, {y:g}.")


def spoken(thing: Locator) -> Read:
    """The two numbers that an element says («N 6 640 120,5 E 154 310»), in that order turned round: x is east."""

    def read() -> tuple[float, float] | None:
        words = thing.input_value() if thing.evaluate("e => e.matches('input,textarea,select')") else thing.inner_text()
        numbers = [float(re.sub(r"\s", "", n).replace(",", ".")) for n in _NUMBER.findall(words)]
        return (numbers[1], numbers[0]) if len(numbers) == 2 else None

    return read


def _nearer(view: View, canvas: Locator, at: tuple[float, float], read: Read, closer: Locator) -> None:
    """Zoom in once, on the place."""
    _clicked(view, canvas, at, read)  # maps zoom in on their middle, or on the pin
    view.click(closer)


def _clicked(view: View, canvas: Locator, at: tuple[float, float], read: Read) -> tuple[float, float]:
    """The coordinates that the page reads out for a click at this place of the picture, once it has changed them."""
    before = read()
    try:
        canvas.click(position={"x": at[0], "y": at[1]}, timeout=view.timeout * 1000)
    except PlaywrightError as error:
        raise view.not_the_one(canvas, error) from error
    deadline = time.monotonic() + view.timeout
    while (told := read()) is None or told == before:
        if time.monotonic() > deadline:
            if told is None:
                raise PageNotRecognised(f"Kartan på sidan «{view.title}» säger ingen plats för klicket.")
            return told  # a click on the same place once more
        view.frame.page.wait_for_timeout(_LOOK_AGAIN)  # the map tells nobody when it has moved its pin
    return told
