"""Filling in a form of eight fields: ``View.fill``, which reads every value back, beside eight raw ``fill`` calls."""

from __future__ import annotations

from playwright.sync_api import Page

from benchmarks.forms import FRAMEWORK, OBSTINATE, PLAIN, REFUSING, VALUES
from benchmarks.ground import own_browser
from benchmarks.pairs import Figures, Pairs, alternate, timed
from robots.systems.view import View

ROUNDS = 40
# The page is at rest when the clock starts: what it takes to draw it is neither side's time.
AT_REST = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def measure() -> Figures:
    """Raises ``AssertionError`` when a form does not hold what was filled in."""
    told = Figures(
        "fill_form: eight fields, verified", "Compared to 8 × page.get_by_label().fill(), which verifies nothing."
    )
    with own_browser() as browser:
        page = browser.new_page()
        told.figures += [
            _on(page, "plain HTML", PLAIN, required=8),
            _on(page, "state follows input events", FRAMEWORK, required=8),
            _on(page, f"one field ({OBSTINATE}) wants keystrokes", REFUSING, required=8),
        ]
    return told


def _on(page: Page, name: str, html: str, *, required: float) -> Pairs:
    obstinate = html is REFUSING

    def ours(_number: int) -> float:
        page.set_content(html)
        page.evaluate(AT_REST)
        seconds = timed(lambda: View(page.main_frame, 10).fill(VALUES))
        assert _kept(page) == VALUES, f"{name}: {_kept(page)}"
        return seconds

    def raw(_number: int) -> float:
        page.set_content(html)
        page.evaluate(AT_REST)
        seconds = timed(lambda: _fill_raw(page))
        # The raw way loses the obstinate field without a word; it is measured with that, which is in its favour.
        wanted = VALUES | {OBSTINATE: ""} if obstinate else VALUES
        assert _kept(page) == wanted, f"{name}: {_kept(page)}"
        return seconds

    mine, other = alternate(ours, raw, rounds=ROUNDS, warm_up=3)
    note = "raw fill loses that field's value and says nothing; ours has it right" if obstinate else ""
    return Pairs(name, mine, other, "sooner", required, note)


def _fill_raw(page: Page) -> None:
    for label, value in VALUES.items():
        page.get_by_label(label, exact=True).fill(value)


def _kept(page: Page) -> dict[str, str]:
    """What the page holds: its own state where it has one, else its fields."""
    kept: dict[str, str] = page.evaluate(
        """() => { const told = document.querySelector('output');
        if (told) return JSON.parse(told.textContent || '{}');
        return Object.fromEntries([...document.querySelectorAll('label')].map(
          l => [l.firstChild.nodeValue.trim(), l.querySelector('input,textarea').value])); }"""
    )
    return kept
