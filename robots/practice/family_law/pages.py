"""The pages that show: the shell with its work area, the lists in it, and the windows that cards open in."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from math import ceil
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from robots.practice.family_law.desk import NO_AKT, Desk
from robots.practice.family_law.listing import HIDDEN, LISTINGS, PER_PAGE, Listing, expected
from robots.practice.family_law.state import Akt, Applicant, age_of
from robots.practice.guarded import session_of

Page = Callable[[Request], Coroutine[Any, Any, Response]]
Facts = dict[str, str]
NO_REPORT = "Nej"


@dataclass(frozen=True)
class Tab:
    """What a tab of an akt shows. ``adds`` are the forms that are opened from it."""

    key: str
    heading: str
    columns: tuple[str, ...]
    absent: str
    rows: Callable[[ReadingPages, Akt], list[tuple[str, ...]]]
    adds: tuple[tuple[str, str], ...]
    has_cards: bool = True


def _parties(_pages: ReadingPages, akt: Akt) -> list[tuple[str, ...]]:
    return [(p.number, p.role, p.name, p.personal_number) for p in akt.parties]


def _protocols(_pages: ReadingPages, akt: Akt) -> list[tuple[str, ...]]:
    return [
        (p.number, p.kind, str(p.made), p.by, p.status, str(p.reported) if p.reported else NO_REPORT)
        for p in akt.protocols
    ]


def _visits(_pages: ReadingPages, akt: Akt) -> list[tuple[str, ...]]:
    return [(v.number, str(v.day), v.hour, v.status) for v in akt.visits]


def _letters(_pages: ReadingPages, akt: Akt) -> list[tuple[str, ...]]:
    return [(letter.number, letter.kind, str(letter.sent)) for letter in akt.letters]


def _journal(pages: ReadingPages, akt: Akt) -> list[tuple[str, ...]]:
    entries = [e for e in reversed(pages.register.entries) if e.akt == akt.number]
    return [(e.number, str(e.day), e.what, e.text, e.reference, e.by) for e in entries]


TABS = (
    Tab("oversikt", "Översikt", ("Part", "Roll", "Namn", "Personnummer"), "Inga parter.", _parties,
        (("part", "Ny part"),)),
    Tab("protokoll", "Protokoll", ("Protokoll", "Typ", "Upprättat", "Av", "Status", "Anmält till Skatteverket"),
        "Inga protokoll.", _protocols, (("protokoll", "Nytt protokoll"), ("skatteverket", "Anmäl till Skatteverket"))),
    Tab("bokningar", "Bokningar", ("Bokning", "Dag", "Tid", "Status"), "Inga bokningar.", _visits,
        (("bokning", "Ny bokning"),)),
    Tab("brev", "Brev", ("Brev", "Typ", "Skickat"), "Inga brev.", _letters, (("brev", "Nytt brev"),)),
    Tab("journal", "Journal", ("Händelse", "Datum", "Vad", "Text", "Referens", "Av"), "Inga anteckningar.", _journal,
        (("anteckning", "Ny anteckning"),), has_cards=False),
)  # fmt: skip


class ReadingPages(Desk):
    """What whoever may look can open."""

    def add_pages(self) -> None:
        self.templates.globals.update(menu=[(li.key, li.heading) for li in LISTINGS], tabs=TABS)
        get = self.router.get
        get("/", response_model=None)(self.shell)
        get("/valkommen", response_model=None)(self.welcome)
        for listing in LISTINGS:
            get(f"/{listing.key}", response_model=None)(self._list_page(listing))
        get("/anmalan/{number}", response_model=None)(self.notification_card)
        get("/akt/{number}", response_model=None)(self.akt_window)
        get("/akt/{number}/kort/{record}", response_model=None)(self.record_card)
        for tab in TABS:
            get(f"/akt/{{number}}/{tab.key}", response_model=None)(self._tab_page(tab))

    async def shell(self, request: Request) -> Response:
        """What waits is worked out while the first page is there; the second tells of it, a moment after it came."""
        memory = session_of(request).memory
        memory["opened"] = memory.get("opened", 0) + 1
        return self.show(request, "shell.html", tells=memory["opened"] == 2)

    async def welcome(self, request: Request) -> Response:
        waiting = [a for a in self.register.akter.values() if a.open and any(p.status == "Utkast" for p in a.protocols)]
        return self.show(request, "welcome.html", waiting=waiting, today=self.world.today)

    def _list_page(self, listing: Listing) -> Page:
        async def list_page(request: Request) -> Response:
            asked = {f.name: request.query_params.get(f.name, "").strip() for f in listing.filters}
            rows = list(listing.rows(self.register, asked, session_of(request).user.display))
            number = request.query_params.get("sida", "1")
            last = max(1, ceil(len(rows) / PER_PAGE))
            page = min(int(number), last) if number.isdecimal() and int(number) else 1
            first = (page - 1) * PER_PAGE
            return self.show(
                request, "list.html", listing=listing, asked=asked, rows=rows[first : first + PER_PAGE],
                total=len(rows), first=first, page=page, last=last,
            )  # fmt: skip

        return list_page

    async def notification_card(self, request: Request, number: str) -> Response:
        told = self.register.notifications.get(number)
        if told is None:
            return self.missing(request, "Anmälan finns inte.")
        if told.protected:
            return self.show(request, "protected.html", heading=f"Anmälan {number}")
        parents = [self._facts_of(parent) for parent in (told.first, told.second)]
        facts = {
            "Inkom": str(told.received), "Vår beteckning": told.case_number, "Beräknad födelse": expected(told),
            "Barnets personnummer": told.child or "Barnet är inte fött", "Tvekan om föräldraskapet": told.doubt,
            "Assisterad befruktning": told.assisted,
        }  # fmt: skip
        return self.show(request, "notification.html", told=told, parents=parents, facts=facts)

    def _facts_of(self, parent: Applicant) -> Facts:
        """What the register of inhabitants says of a parent, or what the notification does."""
        person = parent.person
        if person is None:
            return {"Namn": parent.words, "Personnummer": "Saknas", "Ålder": "Okänd", "Civilstånd": "Okänt",
                    "Folkbokföringsadress": "Ingen", "Bosatt": parent.country}  # fmt: skip
        return {
            "Namn": person.name,
            "Personnummer": person.personal_number,
            "Ålder": f"{age_of(person.personal_number, self.world.today)} år",
            "Civilstånd": "Gift" if person.spouse else "Ogift",
            "Folkbokföringsadress": f"{person.street}, {person.postcode} {person.municipality.upper()}",
            "Bosatt": "Sverige",
        }

    async def akt_window(self, request: Request, number: str) -> Response:
        akt = self.akt_of(number)
        if akt is None:
            return self.missing(request, NO_AKT)
        lock = akt.locked_for(session_of(request).user.display)
        return self.show(request, "akt.html", akt=akt, lock=lock)

    def _tab_page(self, tab: Tab) -> Page:
        async def tab_page(request: Request) -> Response:
            akt = self.akt_of(request.path_params["number"])
            if akt is None:
                return self.missing(request, NO_AKT)
            rows = tab.rows(self, akt)
            people = [self.register.person(p.personal_number) for p in akt.parties]
            if tab.key == "oversikt" and any(p.protection for p in people if p):
                rows = [(number, role, HIDDEN, HIDDEN) for number, role, _, _ in rows]
            facts = _facts(akt) if tab.key == "oversikt" else {}
            return self.show(request, "tab.html", akt=akt, tab=tab, rows=rows, facts=facts)

        return tab_page

    async def record_card(self, request: Request, number: str, record: str) -> Response:
        akt = self.akt_of(number)
        for tab in TABS:
            for row in tab.rows(self, akt) if akt and tab.has_cards else []:
                if row[0] == record:
                    facts = dict(zip(tab.columns[1:], row[1:], strict=True))
                    return self.show(request, "card.html", akt=akt, tab=tab, record=record, facts=facts)
        return self.missing(request, "Kortet finns inte.")


def _facts(akt: Akt) -> Facts:
    return {
        "Typ av akt": akt.kind, "Handläggningsform": akt.form, "Vår beteckning": akt.case_number or "Saknas",
        "Upplagd": str(akt.opened), "Handläggare": akt.officer, "Beräknad födelse": akt.due or "Barnet är fött",
        "Status": akt.status, "Märkning": akt.marking or "Ingen märkning",
    }  # fmt: skip
