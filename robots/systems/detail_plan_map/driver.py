"""The map's one page: the search box, the information panel, the layer of plans, and the plans' files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import ClassVar, TypeVar

from robots.errors import ApplicationException, BusinessException, NotSeen, PageNotRecognised, SessionLost, SystemDown
from robots.fields import PropertyDesignation
from robots.systems.detail_plan_map.model import Plan, PropertyCard
from robots.systems.documents import Document
from robots.systems.driver import Driver, Workbench
from robots.systems.view import PlaywrightError
from robots.systems.widgets import Card, Suggestions, cards, fact, suggest, suggestions

T = TypeVar("T")

MAP = "Tallingekartan"
SEARCH = "Sök fastighet eller adress"
NO_SUGGESTIONS = 'Inga förslag för "{}"'
NO_MAP = "Kartan kunde inte hämtas. Ladda om sidan."
NO_INFORMATION = "Informationen kunde inte hämtas. Försök igen."
UNKNOWN = "Fastigheten {} finns inte i kartan."
NO_OLDER_DESIGNATION = "Äldre beteckning saknas"
PANEL, PLAN = 'aside[aria-label="Information"]', "article.plan"
PLANS = "Detaljplaner"  # the layer, and the heading above the plans of a property
OUTSIDE = "Fastigheten ligger utanför detaljplanelagt område."
LAYER_OFF = "Lagret Detaljplaner är släckt."
IN_FORCE = re.compile(r"Laga kraft( \d{4}-\d{2}-\d{2})?")
MAP_FILE, DESCRIPTION_FILE, NO_DESCRIPTION = "Plankarta (PDF)", "Planbeskrivning (PDF)", "Planbeskrivning saknas"
# A page whose session has ended goes to the login by itself, a moment after its panel has said that it failed.
GOING_TO_LOGIN_SECONDS = 1


class Reader(Driver):
    """What a robot may look at; in a map that is all."""

    known_boxes: ClassVar[Mapping[str, str]] = {"Välkommen till Tallingekartan": "Stäng"}

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._panel = self.frame.get_by_role("complementary", name="Information", exact=True)

    def property(self, designation: PropertyDesignation | str) -> PropertyCard:
        """The property and its plans, under the designation that it has now even where an older one is asked for.

        A checked designation goes by the address that the map itself has for it; any other text is typed in the
        search box, as a guide does. Raises ``BusinessException`` where the map says that there is no such property.
        """
        asked = " ".join(designation.upper().split())
        if isinstance(designation, PropertyDesignation):
            return self._again_if_logged_out(lambda: self._by_address(asked))
        return self._again_if_logged_out(lambda: self._by_search(asked))

    def find_address(self, text: str) -> tuple[PropertyDesignation, ...]:
        """The properties with exactly this street address; none where the map says so.

        Raises ``BusinessException`` when it is only the beginning of addresses, or fits more than the map lists.
        """
        asked = " ".join(text.split())
        found = self._again_if_logged_out(lambda: self._suggested(asked))
        pairs = [words.partition(" – ") for words in found.words]
        exact = [PropertyDesignation(name) for name, _, address in pairs if address.casefold() == asked.casefold()]
        may_go_on = len(exact) == len(pairs) and found.remark.startswith("Visar ")
        if found.words and (not exact or may_go_on):
            raise BusinessException(
                f"Kartan har flera träffar på adressen {asked} och visar inte säkert den rätta.",
                kind="Adressen är ofullständig",
                todo="Ta reda på gata och nummer, eller fastighetsbeteckningen.",
            )
        return tuple(exact)

    def download_map(self, plan: Plan) -> Document:
        """The plan map (plankarta), whole."""
        return self.fetch_pdf(plan.map_address)

    def download_description(self, plan: Plan) -> Document | None:
        """The plan's description, whole; None where the map says that there is none."""
        return self.fetch_pdf(plan.description_address) if plan.description_address else None

    # -- the ways to a property -----------------------------------------------------------------------------------

    def _by_address(self, asked: str, *, older: str = "") -> PropertyCard:
        """``older`` is the designation that the map has pointed on from."""
        self._open_map(fastighet=asked)
        if self._panel_shows(asked):
            return self._card()
        words = self.read_text(self._panel)
        now = re.search(r"Fastigheten heter nu (.+)\.", words)
        if now and not older:
            return self._by_address(now[1], older=asked)
        if now or older:
            raise PageNotRecognised(f"{self.bench.title} pekar runt mellan {older or asked} och andra beteckningar.")
        raise _no_such_property(asked)

    def _by_search(self, asked: str) -> PropertyCard:
        self._open_map()
        # «EKBACKEN 3:1 – Storgatan 4», or «STG 1401 (nu EKBACKEN 3:1)» for an older designation.
        exactly = re.compile(rf"{re.escape(asked)} – .+|{re.escape(asked)} \(nu .+\)")
        try:
            picked = suggest(self, SEARCH, asked, choose=exactly, absent=NO_SUGGESTIONS.format(asked))
        except NotSeen:
            return self._by_address(asked)  # the suggestions did not settle it; the panel says so, or shows it
        if picked is None:
            raise _no_such_property(asked)
        now = picked.partition(" (nu ")[2].removesuffix(")") or asked
        if not self._panel_shows(now):
            raise PageNotRecognised(f"{self.bench.title} föreslog {now}, men säger nu att fastigheten inte finns.")
        return self._card()

    def _suggested(self, asked: str) -> Suggestions:
        self._open_map()
        return suggestions(self, SEARCH, asked, absent=NO_SUGGESTIONS.format(asked))

    def _open_map(self, **query: str) -> None:
        self.open("/", heading=MAP, **query)
        # The welcome box covers the search box without being modal. It is there as soon as the page is, or never.
        for name, button in self.known_boxes.items():
            box = self.page.get_by_role("dialog", name=name, exact=True)
            if box.is_visible():
                self.click(self.button(button, within=box))

    # -- the panel ------------------------------------------------------------------------------------------------

    def _panel_shows(self, designation: str) -> bool:
        """Wait for exactly this property, and no earlier one; False where the map says that it does not exist."""
        chosen = self._panel.get_by_role("heading", level=2, name=designation, exact=True)
        stopped = self._panel.get_by_role("alert").or_(self.text(NO_MAP)).or_(self.heading(self.login_heading))
        if self.sees(chosen, otherwise=stopped):
            return True
        words = " ".join(stopped.first.inner_text().split())
        if words == UNKNOWN.format(designation):
            return False
        if words == self.login_heading:
            raise SessionLost(f"{self.bench.title} loggade ut roboten.")
        if words in (NO_MAP, NO_INFORMATION):
            raise SystemDown(f"{self.bench.title} säger «{words}».")
        raise PageNotRecognised(f"{self.bench.title} säger «{words}» i stället för att visa {designation}.")

    def _card(self) -> PropertyCard:
        """The property in the panel, read when the layer of plans is lit."""
        # By CSS: an article has no role of its own words that says it is a plan.
        plans, outside = self._panel.locator(PLAN), self.text(OUTSIDE, within=self._panel)
        dark = self.text(LAYER_OFF, within=self._panel)
        if self.sees(dark, otherwise=plans.or_(outside)):
            self._light_plans()
        is_outside = self.sees(outside, otherwise=plans)
        shown = self.pairs(f"{PANEL} dl")
        older = fact(self, shown, "Äldre beteckning")
        return PropertyCard(
            designation=PropertyDesignation(self.read_text(self._panel.get_by_role("heading", level=2))),
            address=fact(self, shown, "Adress"),
            older_designation="" if older == NO_OLDER_DESIGNATION else older,
            kind=fact(self, shown, "Fastighetstyp"),
            plans=tuple(_plan(card) for card in cards(self, f"{PANEL} {PLAN}")),
            outside=is_outside,
        )

    def _light_plans(self) -> None:
        """Light the layer, which the map remembers; the panel is fetched anew by itself."""
        if self.frame.get_by_role("checkbox", name=PLANS, exact=True).is_checked():
            # Put out from another window since this page was opened: only a new page shows it as it is.
            raise PageNotRecognised(f"{self.bench.title} visar lagret {PLANS} som tänt men säger att det är släckt.")
        self.fill({PLANS: True})
        self.bench.recorder.event("layer", f"Tände lagret {PLANS}", system=self.system)

    def _again_if_logged_out(self, read: Callable[[], T]) -> T:
        """Reads repeat: when the login is lost in the middle, begin again from the page that renews it, once."""
        try:
            return read()
        except (ApplicationException, PlaywrightError) as error:
            if not self._goes_to_login():
                if isinstance(error, PlaywrightError):
                    raise self._explained(error) from error
                raise
        return read()

    def _goes_to_login(self) -> bool:
        try:
            self.heading(self.login_heading).wait_for(timeout=GOING_TO_LOGIN_SECONDS * 1000)
        except PlaywrightError:
            return False
        return True


def _plan(card: Card) -> Plan:
    """Anything but the map's own words for a plan in force counts as not final."""
    if len(card.lines) != 5 or card.lines[1] != card.name or MAP_FILE not in card.links:
        raise PageNotRecognised(f"Kartans ruta för planen {card.name} ser inte ut som väntat: {card.lines}.")
    name, number, status, _, description = card.lines
    if (description == NO_DESCRIPTION) == (DESCRIPTION_FILE in card.links):
        raise PageNotRecognised(f"Planen {number} har varken planbeskrivning eller besked om att den saknas.")
    return Plan(
        number, name, status, bool(IN_FORCE.fullmatch(status)), card.links[MAP_FILE],
        card.links.get(DESCRIPTION_FILE, ""),
    )  # fmt: skip


def _no_such_property(asked: str) -> BusinessException:
    return BusinessException(
        f"Fastigheten {asked} finns inte i kartan.",
        kind="Fastigheten finns inte",
        todo="Kontrollera fastighetsbeteckningen med den sökande.",
    )
