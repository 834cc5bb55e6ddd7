"""The case system's pages: the case card and its events, the lists of cases, and the forms that a robot fills in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import ClassVar
from urllib.parse import urlsplit

from robots.cases.attachments import demand_open, no_such_attachment, whole
from robots.cases.contract import Attachment, Case, CaseRow, Status, newest_first
from robots.cases.stops import (
    as_cases_are_told,
    demand_asked,
    demand_claimable,
    demand_whole,
    no_such_case,
    no_such_inbox,
    said_no,
)
from robots.errors import NotSeen, PageNotRecognised
from robots.fields import CaseNumber, FacilityNumber, PersonalNumber, PropertyDesignation
from robots.systems.documents import Document
from robots.systems.driver import Driver
from robots.systems.once import effect
from robots.systems.view import Found, Row
from robots.systems.widgets import fact

INBOXES = """() => Object.fromEntries(
    [...document.querySelectorAll("nav[aria-label='Inkorgar'] > ul > li > a")].map(a => [a.innerText, a.pathname]))"""
REGISTERED = "Ärendet registrerades"  # the first event of every case: what must be found if anything is
START = "Inkorg Kontaktcenter – Att fördela"
NOT_GIVEN = ("–", "Skyddad identitet", "Ingen handläggare", "Ingen")
LOCKED = " Låst"  # what a list says behind the title of a case that a colleague works in


class Reader(Driver):
    """What a robot may look at."""

    known_boxes: ClassVar[Mapping[str, str]] = {"Driftinformation": "Stäng"}

    @as_cases_are_told()
    def read(self, case_number: CaseNumber) -> Case:
        """The case as its card shows it. Raises ``BusinessException`` when there is no such case."""
        self._open_case(case_number, "", f"Ärende {case_number}")
        shown = self.facts("main")
        notices = " ".join(self.texts("[role=alert]"))
        locked = re.search(r"Ärendet är låst av (.+?) sedan", notices)
        protected = "Skyddade personuppgifter" in notices
        name = shown["Medborgare"]
        self.bench.recorder.hide(*(_given(shown[caption]) for caption in ("Medborgare", "Adress", "E-post", "Telefon")))
        return Case(
            number=case_number,
            title=shown["Rubrik"],
            status=shown["Status"],
            inbox=shown["Inkorg"],
            handler=_given(shown["Handläggare"]),
            channel=shown["Kanal"],
            created=date.fromisoformat(shown["Skapat"][:10]),
            name="" if protected else _given(name),
            citizen=PersonalNumber(shown["Personnummer"]) if _given(shown["Personnummer"]) else None,
            protected=protected,
            property_id=PropertyDesignation(shown["Fastighet"]) if _given(shown["Fastighet"]) else None,
            facility=FacilityNumber(shown["Anläggning"]) if "Anläggning" in shown else None,
            locked_by=locked[1] if locked else "",
            closed=shown["Status"] == "Avslutat",
            language=_language(shown["Önskat språk"]),
        )

    def find(
        self, *, citizen: PersonalNumber | None = None, words: str = "", also_closed: bool = False
    ) -> tuple[CaseRow, ...]:
        """The citizen's cases, the cases that hold every word, or both."""
        demand_asked(citizen, words)
        asked = {"q": words, "personnummer": citizen or "", "avslutade": "1" if also_closed else ""}
        return self._listed("/sok", "Sök ärenden", "Inga ärenden matchar sökningen.", **asked)

    def inbox(self, name: str) -> tuple[CaseRow, ...]:
        """All open cases of the inbox. Raises ``BusinessException`` when the tree has none of that name."""
        inboxes = self.renewing_login(self._inboxes)
        if name not in inboxes:
            raise no_such_inbox(name)
        path = inboxes[name].removeprefix(urlsplit(self._entry).path)
        return self._listed(path, f"Inkorg {name} – Alla öppna", "Inga ärenden i den här vyn.")

    def attachments_of(self, case_number: CaseNumber) -> tuple[Attachment, ...]:
        """The files that the case's tab of files says came from the citizen."""
        return tuple(attachment for attachment, _ in self._files(case_number))

    def download_attachment(self, case_number: CaseNumber, attachment: Attachment) -> Document:
        """The file as the case has it now. Raises ``BusinessException`` for a secret one."""
        demand_open(case_number, attachment)
        addresses = [address for known, address in self._files(case_number) if known == attachment]
        if not addresses:
            raise no_such_attachment(case_number, attachment)
        return whole(self, attachment, self.fetch_bytes(addresses[0]))

    def find_claim(self, case_number: CaseNumber, mark: str) -> str | None:  # noqa: ARG002 - a handler has no mark
        """The handler's name, if that is the robot user."""
        handler = self.read(case_number).handler
        return handler if handler == self._me() else None

    def find_status(self, case_number: CaseNumber, status: Status, mark: str) -> str | None:  # noqa: ARG002 - as above
        """The status, if the case has it."""
        return status if self.read(case_number).status == status else None

    def find_event(self, case_number: CaseNumber, mark: str) -> str | None:
        """The number of the event that carries the mark, in a fresh search of the case's events."""
        event = self._event(case_number, mark)
        return event.id if event else None

    def find_message(self, case_number: CaseNumber, mark: str) -> str | None:
        """The receipt of the sent message that carries the mark."""
        event = self._event(case_number, mark)
        return fact(self, event.said, "Kvittens") if event else None

    def shows_events(self, case_number: CaseNumber) -> bool:
        """Whether the search finds the event that every case has: the positive control of ``find_event``."""
        return self._event(case_number, REGISTERED) is not None

    def _files(self, case_number: CaseNumber) -> list[tuple[Attachment, str]]:
        """The citizen's files, and where each can be fetched: "" for a secret one."""
        self._open_case(case_number, "/bilagor", f"Bilagor i ärende {case_number}")
        found = self.look("main table", absent="Inga bilagor i ärendet.", read="table")
        rows: list[Row] = found.said if found else []
        return [_attached(row) for row in reversed(rows) if row["Från"] == "Medborgaren"]

    def _event(self, case_number: CaseNumber, words: str) -> Found | None:
        """The one event that contains the words, with its captions and values, in a fresh search."""
        self._open_case(case_number, "/handelser", f"Händelser i ärende {case_number}", q=words)
        return self.look("article", containing=words, absent="Inga händelser matchar sökningen.", read="pairs")

    def _open_case(self, case_number: CaseNumber, page: str, heading: str, **query: str) -> None:
        """One of the case's pages."""
        if not self.open(f"/arende/{case_number}{page}", heading=heading, otherwise="Ärendet finns inte", **query):
            raise no_such_case(case_number)

    def _inboxes(self) -> dict[str, str]:
        """The inboxes of the tree, and where each leads."""
        self.open("/", heading=START)
        found: dict[str, str] = self.ask_page(INBOXES)
        if not found:  # its list found that the login is over, and has led the page away from the tree
            raise NotSeen(f"Inkorgarna syntes inte på sidan «{self.title}».")
        return found

    def _listed(self, path: str, heading: str, absent: str, **query: str) -> tuple[CaseRow, ...]:
        """The rows of all pages of a list of cases."""
        rows: list[CaseRow] = []
        totals: list[int] = []
        page, pages = 1, 1
        while page <= pages:
            self.open(path, heading=heading, sida=str(page), **query)
            found = self.look("main table", absent=absent, read="table")
            if found is None:
                totals.append(0)
                break
            rows += [self._row(row) for row in found.said]
            total, pages = self._extent()
            totals.append(total)
            page += 1
        demand_whole(self.bench.title, [row.number for row in rows], totals)
        return newest_first(rows)

    @as_cases_are_told()
    def _extent(self) -> tuple[int, int]:
        """How many cases, on how many pages, the list says that it has."""
        told = " ".join(self.texts("main section > p, main section nav"))
        extent = re.search(r"(\d+) ärenden?\b.*Sida \d+ av (\d+)", told, re.DOTALL)
        if not extent:
            raise PageNotRecognised(f"Listan på sidan «{self.title}» säger inte hur många ärenden den har.")
        return int(extent[1]), int(extent[2])

    @as_cases_are_told()
    def _row(self, row: Row) -> CaseRow:
        self.bench.recorder.hide(_given(row["Medborgare"]))
        return CaseRow(
            CaseNumber(row["Ärendenummer"]), row["Rubrik"].removesuffix(LOCKED), row["Status"], row["Inkorg"],
            _given(row["Handläggare"]), date.fromisoformat(row["Skapat"][:10]), row["Rubrik"].endswith(LOCKED),
        )  # fmt: skip

    def _me(self) -> str:
        """What the robot user is called here, as every page says at its top."""
        names = self.texts("body > header strong")
        if len(names) != 1:
            raise PageNotRecognised(f"Sidan «{self.title}» säger inte vem som är inloggad.")
        return names[0]


class Writer(Reader):
    """What a robot may change."""

    @effect(found_by=Reader.find_claim, control=Reader.shows_events)
    def claim(self, case_number: CaseNumber, *, once: str) -> None:  # noqa: ARG002 - the button takes no words
        """Take the case. Raises ``BusinessException`` where a colleague has it."""
        demand_claimable(self.read(case_number), self._me())
        self.commit(
            self.button("Ta ärendet", within=self.form("Ta ärendet")),
            done=self.frame.get_by_role("status"),
            refused=self.part("p.notice[role=alert]"),  # another alert tells of a protected citizen
        )

    @effect(found_by=Reader.find_event, control=Reader.shows_events, may_wait=True)
    def add_note(self, case_number: CaseNumber, text: str, *, once: str) -> None:
        """Write a journal note."""
        self._open_form(case_number, "anteckning", f"Ny anteckning i ärende {case_number}", "Ny anteckning")
        text = f"{self.bench.signed(text)} [{once}]"
        self.fill({"Typ": "Journalanteckning", "Text": text}, within=_form("Ny anteckning"))
        self._commit("Ny anteckning", "Spara")

    @effect(found_by=Reader.find_message, control=Reader.shows_events)
    def send_message(
        self, case_number: CaseNumber, subject: str, text: str, documents: list[Document], *, once: str
    ) -> None:
        """Send the citizen a message with attachments."""
        self._open_form(case_number, "meddelande", f"Meddelande i ärende {case_number}", "Nytt meddelande")
        form = _form("Nytt meddelande")
        self.fill({"Ämne": subject, "Meddelande": text, "Referens": once}, within=form)
        if documents:
            self.attach_documents("Bilagor", documents, within=form)
        self._commit("Nytt meddelande", "Skicka")

    @effect(found_by=Reader.find_status, control=Reader.shows_events, may_wait=True)
    def set_status(self, case_number: CaseNumber, status: Status, *, once: str) -> None:  # noqa: ARG002 - as claim
        """Set the case's status."""
        self._open_form(case_number, "status", f"Status för ärende {case_number}", "Ändra status")
        self.fill({"Ny status": status}, within=_form("Ändra status"))
        self._commit("Ändra status", "Spara status")

    @effect(found_by=Reader.find_event, control=Reader.shows_events, may_wait=True)
    def hand_over(self, case_number: CaseNumber, reason: str, todo: str, *, once: str) -> None:
        """Give the case to whoever works in the inbox it lies in, with the reason and what to do."""
        inbox = self.read(case_number).inbox
        self._open_form(case_number, "fordela", f"Fördela ärende {case_number}", "Fördela ärende")
        self.fill(
            {"Inkorg": inbox, "Motivering": reason, "Att göra": todo, "Referens": once}, within=_form("Fördela ärende")
        )
        self._commit("Fördela ärende", "Fördela")

    def _open_form(self, case_number: CaseNumber, path: str, heading: str, name: str) -> None:
        """The form, or the case system's own words for why there is none."""
        self._open_case(case_number, f"/{path}", heading)
        obstacle = self.part("p.locked, p.notice[role=alert]")
        if not self.sees(self.form(name), otherwise=obstacle):
            raise said_no(case_number, self.read_text(obstacle))

    def _commit(self, form: str, button: str) -> None:
        self.commit(
            self.button(button, within=self.form(form)),
            done=self.frame.get_by_role("status"),
            refused=self.form(form).get_by_role("alert"),
        )


def _form(name: str) -> str:
    """By its name: the page has another «Spara» and another «Text» in the panels beside the form."""
    return f'form[aria-label="{name}"]'


@as_cases_are_told()
def _attached(row: Row) -> tuple[Attachment, str]:
    told = re.search(r"\((\d+) byte\)$", row["Storlek"])
    address, secret = next(iter(row.links.values()), ""), row["Sekretess"] != "Nej"
    if told is None or bool(address) == secret:
        raise PageNotRecognised(f"Bilagan {row['Fil']} har varken storlek, fil eller besked om sekretess.")
    key = urlsplit(address).path.rpartition("/")[2]
    return Attachment(key, row["Fil"], _given(row["Typ"]), int(told[1]), secret), address


def _language(text: str) -> str:
    """«Arabiska (ar)» tells its code."""
    told = re.search(r"\(([a-z]{2})\)$", text)
    return told[1] if told else "sv"


def _given(text: str) -> str:
    return "" if text in NOT_GIVEN else text
