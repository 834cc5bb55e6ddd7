"""What every page of the desk must be, as checks that a browser makes: each returns what is wrong."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Dialog, Page, Request

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDTHS = (320, 768, 1280, 2560)
DATE_PARTS = 5
WIDE = {"width": 1280, "height": 900}

# Whatever takes the focus, in the order of the document; of radio buttons that belong together one does.
_CONTROLS = """() => {
  const groups = new Set();
  const found = [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')].filter((each) => {
    if (each.disabled || !each.checkVisibility({ visibilityProperty: true })) return false;
    if (each.type !== 'radio') return true;
    const all = [...document.getElementsByName(each.name)].filter((other) => other.form === each.form);
    const chosen = all.find((other) => other.checked) ?? all[0];
    return each === chosen;
  });
  found.forEach((each, place) => { each.dataset.place = place; });
  return found.map((each) => each.outerHTML.slice(0, 120));
}"""
# Where the focus is, and whether a person sees it: ringed, and with nothing of the page on top.
_FOCUS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return { place: -1 };
  const style = getComputedStyle(at), box = at.getBoundingClientRect();
  const ringed = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  const middle = (from, to, most) => (Math.max(from, 0) + Math.min(to, most)) / 2;  // of what is in the window
  const across = middle(box.left, box.right, innerWidth), down = middle(box.top, box.bottom, innerHeight);
  const top = document.elementFromPoint(across, down);
  const seen = !!top && (at.contains(top) || top.contains(at) || top.closest('label')?.control === at);
  return { place: Number(at.dataset.place ?? -2), ringed, seen, html: at.outerHTML.slice(0, 120) };
}"""
# Words that are cut off by the box that they stand in; what only a screen reader is told is meant to be.
_CUT = """() => [...document.querySelectorAll('body *')].filter((each) => {
  const style = getComputedStyle(each);
  const cuts = (overflow, inner, outer) => ['hidden', 'clip'].includes(overflow) && inner > outer + 1;
  return !each.closest('.unseen, svg') && each.checkVisibility() &&
    (cuts(style.overflowX, each.scrollWidth, each.clientWidth)
      || cuts(style.overflowY, each.scrollHeight, each.clientHeight));
}).map((each) => each.outerHTML.slice(0, 120))"""

# The words of a part of the page, without what the clock says and what is told of keys that only the script knows.
_STEADY = """(main) => {
  const moving = [...main.querySelectorAll('.keys, .clock, .age')];
  const shown = moving.map((each) => each.style.display);
  moving.forEach((each) => { each.style.display = 'none'; });
  const words = main.innerText;
  moving.forEach((each, place) => { each.style.display = shown[place]; });
  return words;
}"""


def watch(page: Page, address: str, wrong: list[str]) -> None:
    """Add to ``wrong`` errors in the console, what the policy stops, dialogs, and what is asked of another host."""
    host = urlsplit(address).netloc

    def asked(request: Request) -> None:
        if request.url.startswith("http") and urlsplit(request.url).netloc != host:
            wrong.append(f"asked for {request.url}")

    def opened(dialog: Dialog) -> None:
        wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", asked)
    page.on("dialog", opened)


def axe_faults(page: Page) -> list[str]:
    """What axe finds at WCAG 2.2 A and AA."""
    found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]}).response["violations"]
    return [f"{each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"][:3]]


def too_wide(page: Page, widths: tuple[int, ...] = WIDTHS) -> list[str]:
    """The widths of a window at which the page has to be scrolled sideways."""
    found = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        needed = page.evaluate("document.documentElement.scrollWidth")
        if needed > width:
            found.append(f"{needed} px in a window of {width} px")
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]  # a plain dict with the two keys it wants
    return found


def lost_by_larger_text(page: Page) -> list[str]:
    """What cannot be read with letters twice as large."""
    before = _words(page)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    found = [*_lost(before, page), *too_wide(page, (1280,))]
    page.evaluate("document.documentElement.style.fontSize = ''")
    return found


def lost_by_zoom(page: Page, zoomed: Page) -> list[str]:
    """What cannot be read at 200 %: ``zoomed`` shows the same page in half the room, with two points for each."""
    return [*_lost(_words(page), zoomed), *too_wide(zoomed, (640,))]


def _words(page: Page) -> list[str]:
    return _steady(page, "body")


def _lost(before: list[str], page: Page) -> list[str]:
    gone = sorted(set(before) - set(_words(page)))
    return [*gone, *(f"cut off: {each}" for each in page.evaluate(_CUT))]


def unreachable(page: Page) -> list[str]:
    """What the keyboard does not reach in the order of the page, or reaches without anybody seeing it."""
    controls: list[str] = page.evaluate(_CONTROLS)
    wrong: list[str] = []
    page.evaluate("document.activeElement?.blur(); getSelection().removeAllRanges(); scrollTo(0, 0)")
    # From the top, wherever the page itself has put the focus.
    page.evaluate("document.body.setAttribute('tabindex', '-1'); document.body.focus()")
    at: dict[str, Any] = {"place": -1}
    for place, html in enumerate(controls):
        before = at["place"]
        for _part in range(DATE_PARTS):  # a date is year, month, day and its calendar, each a stop of its own
            page.keyboard.press("Tab")
            if (at := page.evaluate(_FOCUS))["place"] != before:
                break
        if at["place"] != place:
            return [*wrong, f"{html} is not next: {at.get('html', 'nothing has the focus')}"]
        wrong += [f"{words}: {html}" for key, words in (("ringed", "no ring"), ("seen", "beneath")) if not at[key]]
    return wrong


def lost_without_script(page: Page, plain: Page) -> list[str]:
    """What the page's main part tells, and does not tell somebody who has no JavaScript."""
    return sorted(set(_steady(page, "main")) - set(_steady(plain, "main")))


def _steady(page: Page, part: str) -> list[str]:
    """Words; figures may be others by the time that the page is opened once more."""
    told: str = page.locator(part).first.evaluate(_STEADY)
    return [word for word in told.split() if not re.fullmatch(r"[\d:.,]+", word)]
