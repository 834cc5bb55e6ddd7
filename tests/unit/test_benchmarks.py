"""The figures' own arithmetic, and that the forms of ``fill_form`` are as difficult as they say."""

from __future__ import annotations

import pytest

from benchmarks.forms import FRAMEWORK, OBSTINATE, REFUSING, VALUES
from benchmarks.pairs import Count, Figures, Pairs, alternate
from robots.systems.view import View
from robots.worker.warm_browser import WarmBrowser, Window


def test_sooner_is_theirs_by_ours_and_costs_is_ours_by_theirs() -> None:
    assert Pairs("", [2, 1, 9], [20, 10, 30], "sooner", 10).ratio == 10
    assert Pairs("", [11, 1, 99], [10, 10, 10], "costs", 1.1).ratio == pytest.approx(1.1)


@pytest.mark.parametrize(
    ("figure", "met"),
    [
        (Pairs("", [1.0], [6.0], "sooner", 6), True),
        (Pairs("", [1.0], [5.9], "sooner", 6), False),
        (Pairs("", [1.1], [1.0], "costs", 1.1), True),
        (Pairs("", [1.2], [1.0], "costs", 1.1), False),
        (Pairs("", [9.0], [1.0], "costs"), True),
        (Count("", 0, 0, "0"), True),
        (Count("", 1, 0, "1"), False),
        (Count("", 1, None, "1"), True),
    ],
)
def test_one_missed_requirement_is_a_missed_benchmark(figure: Pairs | Count, met: bool) -> None:
    assert figure.met is met
    assert Figures("", "", [Count("", 0, 0, ""), figure]).met is met


def test_sides_take_turns_and_the_warm_up_is_not_counted() -> None:
    order: list[str] = []

    def side(name: str, seconds: float) -> float:
        order.append(name)
        return seconds

    first, second = alternate(lambda n: side("a", n), lambda n: side("b", -n), rounds=2, warm_up=1)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert (first, second) == ([1, 2], [-1, -2])


@pytest.fixture
def window(browser: WarmBrowser) -> Window:
    browser.prepare()
    return browser.take_window()


@pytest.mark.browser
def test_the_framework_form_takes_no_value_but_through_its_event(window: Window) -> None:
    page = window.page()
    page.set_content(FRAMEWORK)
    told = "() => document.querySelector('output').textContent"
    # What a script writes on the element is thought to be the framework's own, and is overwritten with its state.
    page.evaluate(
        """() => { for (const field of document.querySelectorAll('input')) {
        field.value = 'x'; field.dispatchEvent(new Event('input', {bubbles: true})); } }"""
    )
    assert page.locator("input").evaluate_all("all => all.map(field => field.value)") == [""] * (len(VALUES) - 1)
    View(page.main_frame, 5).fill({"Ort": "Tallinge"})
    assert '"Ort":"Tallinge"' in page.evaluate(told)
    window.close()


@pytest.mark.browser
def test_the_obstinate_field_refuses_what_comes_at_once(window: Window) -> None:
    page = window.page()
    page.set_content(REFUSING)
    page.get_by_label(OBSTINATE, exact=True).fill(VALUES[OBSTINATE])
    assert page.get_by_label(OBSTINATE, exact=True).input_value() == ""
    View(page.main_frame, 5).fill({OBSTINATE: VALUES[OBSTINATE]})
    assert page.get_by_label(OBSTINATE, exact=True).input_value() == VALUES[OBSTINATE]
    window.close()
