"""Lists of which several are chosen, that stay open while one chooses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from robots.errors import NotSeen, PageNotRecognised, SeveralMatches, ValueNotKept
from robots.one_trip import ask
from robots.systems.in_page import in_page
from robots.systems.view import View


def choose_all(view: View, label: str, values: Sequence[str], *, box: str = "[role=listbox]") -> None:
    """Choose exactly these in the list that opens from the field ``label``, and leave it closed.

    What was chosen before and is not among them is put away. ``box`` is the CSS selector of the open list. Each choice
    is clicked once and seen before the next. Raises ``NotSeen`` when the list does not open or a choice is not in it,
    ``SeveralMatches`` when two are called the same, ``ValueNotKept`` when a choice does not take.
    """
    field = view._control(label, None)
    where = f"Listan {label} på sidan «{view.title}»"
    if _ask(view, box, list(values), 0)["state"] == "missing":
        field.click(timeout=view.timeout * 1000)
    while True:
        told = _ask(view, box, list(values), view.timeout)
        match told["state"]:
            case "missing":
                raise NotSeen(f"{where} öppnades inte.")
            case "option":
                raise NotSeen(f"{where} har inte valet {told['words']}; där finns {', '.join(told['seen'])}.")
            case "several":
                raise SeveralMatches(f"{told['count']} val i {where} heter {told['words']}.")
            case "closed":
                raise PageNotRecognised(f"{where}: {told['words']} går inte att välja.")
            case "differs":
                _turn(view, box, told["place"], where)
            case _:
                break
    view.frame.page.keyboard.press("Escape")
    if _ask(view, box, list(values), 0)["state"] not in ("missing", "chosen"):
        raise ValueNotKept(f"{where} behöll inte det som valdes.")


def _turn(view: View, box: str, place: int, where: str) -> None:
    before = view.frame.evaluate_handle(in_page("choices"), [box, None, place, 0]).as_element()
    if before is None:
        raise NotSeen(f"{where} ändrades medan den lästes.")
    before.click(timeout=view.timeout * 1000)
    if not ask(view.frame, in_page("choices"), [box, None, -1 - place, view.timeout * 1000]):
        raise ValueNotKept(f"{where} tog inte emot ett val.")


def _ask(view: View, box: str, values: list[str], seconds: float) -> dict[str, Any]:
    told: dict[str, Any] = ask(view.frame, in_page("choices"), [box, values, 0, seconds * 1000])
    return told
