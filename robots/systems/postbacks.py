"""Pages that send themselves back at every click: whole, or in parts that are put in place of what stood there.

What is on the page right after the click is the page from before it, looking exactly as usual. The answer to a click is
there when the very request that the click sent has been answered, and the page has put that answer in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from playwright.sync_api import Locator, Request, Response

from robots.errors import NotSeen, PageNotRecognised, SystemDown
from robots.systems.in_page import in_page
from robots.systems.view import PlaywrightError, PlaywrightTimeout, View


def postback(view: View, thing: Locator, *, into: View | None = None) -> None:
    """Click on ``thing``, which makes the page send itself back, and wait until the answer to that click stands there.

    ``into`` is the frame that the answer comes in, where it is another than the one that is clicked in. Locators stay
    good; elements do not. For reading and finding one's way only: what changes something goes through ``commit``.
    Raises ``NotSeen`` when the click sends nothing or its answer is not put in place, ``SystemDown`` when the answer
    is lost or says that the system has failed, and as ``View.click``.
    """
    _answered(into or view, lambda: view.click(thing))


def choose(view: View, label: str, value: str | bool, *, within: str | None = None) -> bool:
    """Choose in a list, a radio group or a check box that posts the page back; False where it was chosen already.

    What was chosen already posts nothing back, and nothing is waited for. Otherwise the choice is read once more on
    the page that comes back. Raises as ``postback`` and ``View.fill``.
    """
    before = view._fill_fast({label: value}, within, look_only=True)
    if not before:
        return False
    if before[label]["kind"] != "choice":
        raise view._filling_error(label, value, before[label])

    def set_it() -> None:
        # The page may be gone before its last field could be read back; that is for the next page to show.
        with suppress(PlaywrightError):
            view._fill_fast({label: value}, within)

    _answered(view, set_it)
    for problem in view._fill_fast({label: value}, within, look_only=True).values():
        raise view._filling_error(label, value, problem)
    return True


def _answered(view: View, act: Callable[[], None]) -> None:
    frame, patience = view.frame, view.timeout * 1000

    def sends_back(request: Request) -> bool:
        # A request for a page that has no frame yet is another window's.
        with suppress(PlaywrightError):
            whole = request.is_navigation_request()
            return request.frame == frame and (whole or request.method != "GET")
        return False

    frame.evaluate(in_page("postback_watch"))
    try:
        with frame.page.expect_request(sends_back, timeout=patience) as asked:
            act()
        answer = _last_answer(asked.value)
        if answer is None:
            raise SystemDown(f"Sidan «{view.title}» fick inget svar när den skickades tillbaka.")
        if answer.status >= 400:
            if asked.value.is_navigation_request():
                # Left alone in the middle of going from one page to the next, a page cannot even be closed.
                with suppress(PageNotRecognised):
                    _demand_in_place(view, asked.value)
            raise SystemDown(f"Sidan «{view.title}» skickades tillbaka och fick svaret {answer.status}.")
    except PlaywrightTimeout:
        raise NotSeen(f"Sidan «{view.title}» skickades inte tillbaka inom {view.timeout:g} s.") from None
    _demand_in_place(view, asked.value)


def _last_answer(request: Request) -> Response | None:
    """The answer after all redirections; None when it was lost."""
    while True:
        answer = request.response()
        if request.redirected_to is None:
            return answer
        request = request.redirected_to


def _demand_in_place(view: View, asked: Request) -> None:
    """Until the document is another one than before, or a part of it has been put in by the answer."""
    told = [asked.url, asked.is_navigation_request(), view.timeout * 1000]
    try:
        state = view.ask_page(in_page("postback"), told)
    except PlaywrightError as error:
        raise PageNotRecognised(f"Sidan «{view.title}» gick inte att läsa när svaret kom.") from error
    if state == "there":
        return
    raise NotSeen(f"Svaret på klicket lades inte in på sidan «{view.title}» inom {view.timeout:g} s.")
