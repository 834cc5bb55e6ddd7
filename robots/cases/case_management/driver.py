"""The case system's pages: the case card, its events, and the three forms that a robot fills in."""

from __future__ import annotations

import re
from datetime import date

from robots.cases.contract import Case
from robots.errors import BusinessException, RecordLocked
from robots.fields import CaseNumber, FacilityNumber, PersonalNumber, PropertyDesignation
from robots.systems.documents import Document
from robots.systems.driver import Driver
from robots.systems.once import effect
from robots.systems.view import Found
from robots.systems.widgets import fact

REGISTERED = "Ärendet registrerades"  # the first event of every case: what must be found if anything is


class Reader(Driver):
    """What a robot may look at."""

    def read(self, case_number: CaseNumber) -> Case:
        """The case as its card shows it. Raises ``BusinessException`` when there is no such case."""
        if not self.open(f"/arende/{case_number}", heading=f"Ärende {case_number}", otherwise="Ärendet finns inte"):
            raise BusinessException(
                f"Ärendet {case_number} finns inte.", kind="Ärendet finns inte", todo="Kontrollera ärendenumret."
            )
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

    def _event(self, case_number: CaseNumber, words: str) -> Found | None:
        """The one event that contains the words, with its captions and values, in a fresh search."""
        self.open(f"/arende/{case_number}/handelser", heading=f"Händelser i ärende {case_number}", q=words)
        return self.look("article", containing=words, absent="Inga händelser matchar sökningen.", read="pairs")


class Writer(Reader):
    """What a robot may change."""

    @effect(found_by=Reader.find_event, control=Reader.shows_events, may_wait=True)
    def add_note(self, case_number: CaseNumber, text: str, *, once: str) -> None:
        """Write a journal note."""
        self._open_form(case_number, "anteckning", f"Ny anteckning i ärende {case_number}", "Ny anteckning")
        self.fill({"Typ": "Journalanteckning", "Text": f"{text} [{once}]"}, within=_form("Ny anteckning"))
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

    @effect(found_by=Reader.find_event, control=Reader.shows_events)
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
        self.open(f"/arende/{case_number}/{path}", heading=heading)
        obstacle = self.part("p.locked, p.notice[role=alert]")
        if self.sees(self.form(name), otherwise=obstacle):
            return
        words = self.read_text(obstacle)
        if "låst av" in words:
            raise RecordLocked(f"Ärende {case_number}: {words}")
        raise BusinessException(
            words, kind="Ärendesystemet säger nej", todo="Läs vad ärendet säger och svara för hand."
        )

    def _commit(self, form: str, button: str) -> None:
        self.commit(
            self.button(button, within=self.form(form)),
            done=self.frame.get_by_role("status"),
            refused=self.form(form).get_by_role("alert"),
        )


def _form(name: str) -> str:
    """By its name: the page has another «Spara» and another «Text» in the panels beside the form."""
    return f'form[aria-label="{name}"]'


def _language(text: str) -> str:
    """«Arabiska (ar)» tells its code."""
    told = re.search(r"\(([a-z]{2})\)$", text)
    return told[1] if told else "sv"


def _given(text: str) -> str:
    return "" if text in ("–", "Skyddad identitet") else text
