"""Drag a card to where it belongs, as a hand does it, and know that it landed there."""

from __future__ import annotations

from playwright.sync_api import Locator

from robots.errors import PageNotRecognised
from robots.systems.reading import described
from robots.systems.view import PlaywrightError, View

# Pages begin a drag only when the pointer has moved a little with the button down, and look where it is as it moves.
_STEPS = 12


def drag(view: View, thing: Locator, target: Locator, *, landed: Locator) -> None:
    """Drag ``thing`` to the middle of ``target`` and wait until ``landed`` is seen: what the page shows afterwards.

    A target without words is named by its title: ``view.part('[title="Klar"]')``. ``landed`` must not be seen before.
    What a drag changes in the system at once is an effect; this verb is for pages that ask before they save, or for
    the part before ``commit``. Raises ``SeveralMatches`` and ``NotSeen`` as ``View.click``, ``PageNotRecognised`` when
    it did not land (or looked landed before).
    """
    if landed.filter(visible=True).count():
        raise PageNotRecognised(f"{described(landed)} syntes redan innan något drogs dit, på sidan «{view.title}».")
    mouse, patience = view.frame.page.mouse, view.timeout * 1000
    for place in (thing, target):
        try:
            place.scroll_into_view_if_needed(timeout=patience)
        except PlaywrightError as error:
            raise view.not_the_one(place, error) from error
    try:
        thing.hover(timeout=patience)  # as a click: it is there, it is still, and nothing lies over it
        mouse.down()
        box = target.bounding_box(timeout=patience)
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        mouse.move(x, y, steps=_STEPS)
        mouse.move(x + 1, y + 1)  # a target that has lit up only now takes what moves over it once more
    except PlaywrightError as error:
        raise view.not_the_one(thing, error) from error
    finally:
        mouse.up()
    try:
        landed.filter(visible=True).wait_for(timeout=patience)
    except PlaywrightError as error:
        raise PageNotRecognised(f"{described(thing)} landade inte där det drogs, på sidan «{view.title}».") from error
