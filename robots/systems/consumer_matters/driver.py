"""The consumer office's pages: the list with its filter, a matter's card, three forms, and the letter's editor.

The list remembers the filter that was used last, and hides what is finished; so every search says all of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date

from robots.errors import BusinessException, PageNotRecognised, RecordLocked, SessionLost, SeveralMatches
from robots.fields import PersonalNumber
from robots.systems.consumer_matters.model import EMAIL, Letter, Matter, NewMatter
from robots.systems.driver import Driver
from robots.systems.grid import Grid
from robots.systems.once import effect
from robots.systems.rich_text import write_rich
from robots.systems.view import PlaywrightTimeout, Row

MATTERS, LETTERS, NEW = "Ärenden", "Brev", "Nytt ärende"
NO_SUCH_MATTER, NOT_NOW = "Ärendet finns inte", "Ärendet går inte att ändra"
NO_MATTERS, NO_LETTERS = "Inga ärenden matchar filtret.", "Inga brev matchar filtret."
HITS = r"(\d+) träff(?:ar)?\b"
PROTECTED = "SKYDDADE PERSONUPPGIFTER"
# What the office keeps to try its lists with, and what therefore is found if anything is.
TRIAL_MATTER, TRIAL_LETTER = "PROVÄRENDE", "PROVUTSKICK"
REGISTERED = "Ärendet registrerades"  # the first event of every matter
EDITOR = "Brevtext"


class Reader(Driver):
    """What a robot may look at."""

    def matter(self, number: str) -> Matter:
        """The matter as its card shows it. Raises ``BusinessException`` when there is none with that number."""
        if not self.open(f"/arenden/{number}", heading=f"Ärende {number}", otherwise=NO_SUCH_MATTER):
            raise BusinessException(
                f"Konsumentärendet {number} finns inte.",
                kind="Konsumentärendet finns inte",
                todo="Sök ärendet i Konsumentärenden.",
            )
        # The debts are nobody's business here: not read for use, only kept out of logs and pictures.
        self.bench.recorder.hide(*self.texts('section[aria-label="Budget- och skuldrådgivning"] dd'))
        about = self.facts('section[aria-label="Ärendeuppgifter"]')
        purchase = self.facts('section[aria-label="Konsument"]')
        self.bench.recorder.hide(
            *(_given(purchase[c]) for c in ("Namn", "Adress", "E-post")), purchase["Adress"].partition(",")[0]
        )
        protected = PROTECTED in self.texts("div.page > div") or purchase["Namn"] == "Skyddad identitet"
        return _matter(number, about, purchase, protected, " ".join(self.texts("[role=alert]")))

    def find_matter(self, mark: str) -> str | None:
        """The number of the matter with this «Vår beteckning», closed or not, in a fresh search."""
        return _only("ärenden", mark, [r["Ärende"] for r in self._matters_referring(mark)])

    def shows_matters(self) -> bool:
        """Whether the search finds the office's own trial matter: the positive control of ``find_matter``."""
        return bool(self._matters_referring(TRIAL_MATTER))

    def letters_in(self, matter: str) -> tuple[Letter, ...]:
        """The matter's letters, in the queue or sent, the latest first."""
        return tuple(_letter(row) for row in self._letters({"Ärende": matter, "Referens": ""}))

    def find_letter(self, mark: str) -> str | None:
        """The number of the letter that carries the mark, in the queue or sent, in a fresh search."""
        return _only("brev", mark, [r["Brev"] for r in self._letters_referring(mark)])

    def shows_letters(self) -> bool:
        """Whether the search finds the office's own trial letter: the positive control of ``find_letter``."""
        return bool(self._letters_referring(TRIAL_LETTER))

    def find_event(self, matter: str, mark: str) -> str | None:
        """The number of the event in the matter that carries the mark, in a fresh search of them."""
        heading = f"Händelser i {matter}"
        self.open(f"/arenden/{matter}/handelser", heading=heading, q=mark)
        event = self.look("article", containing=mark, absent="Inga händelser matchar sökningen.")
        return event.id if event else None

    def shows_events(self, matter: str) -> bool:
        """Whether the search finds the event that every matter has: the positive control of ``find_event``."""
        return self.find_event(matter, REGISTERED) is not None

    # -- the lists ----------------------------------------------------------------------------------------------

    def _matters_referring(self, reference: str) -> list[Row]:
        self.open("/", heading=MATTERS)
        asked: dict[str, str | bool]
        asked = {"Visa": "Alla ärenden", "Sök": "", "Typ": "Alla typer", "Status": "Alla", "Vår beteckning": reference,
                 "Visa även avslutade": True}  # fmt: skip
        rows = self._search("/arenden/rows", NO_MATTERS, asked)
        return _demand(rows, "Vår beteckning", reference)

    def _letters_referring(self, reference: str) -> list[Row]:
        return _demand(self._letters({"Ärende": "", "Referens": reference}), "Referens", reference)

    def _letters(self, asked: Mapping[str, str]) -> list[Row]:
        self.open("/brev", heading=LETTERS)
        rows = self._search("/brev/rows", NO_LETTERS, asked)
        return _demand(rows, "Ärende", asked["Ärende"]) if asked["Ärende"] else rows

    def _search(self, rows: str, absent: str, asked: Mapping[str, str | bool]) -> list[Row]:
        # Neither a list nor its filter has a name that a person reads; a page has one of each.
        grid = Grid(self, f'[data-rows$="{rows}"]', absent=absent, total=HITS)
        return grid.search(asked, self.button("Filtrera"), within="form[data-list]")


class Writer(Reader):
    """What a robot may change."""

    @effect(found_by=Reader.find_matter, control=Reader.shows_matters)
    def register(self, new: NewMatter, *, once: str) -> None:
        """Register a matter for a consumer who has called.

        Raises ``EffectRefused`` for a company, a protected person, a purchase that is too old to complain of, or an
        open matter that the consumer already has against the same company.
        """
        self.open("/arenden/nytt", heading=NEW)
        self.fill({
            "Personnummer": new.consumer, "Köpare": new.buyer, "Motpart": new.company,
            "Organisationsnummer": new.company_number, "Köpdatum": new.bought_on, "Belopp": str(new.amount),
            "Vill ha hjälp med": new.wish, "Vår beteckning": once, "Beskrivning": new.description,
        })  # fmt: skip
        self._choose_kind(new.kind, new.detail)
        self._save("Registrera")

    @effect(found_by=Reader.find_event, control=Reader.shows_events)
    def classify(self, matter: str, kind: str, detail: str, reason: str, *, once: str) -> None:
        """Say what kind of matter it is. Raises ``BusinessException`` where that is for a person to say."""
        self._open_form(matter, "klassificera", f"Klassificera {matter}")
        self.fill({"Skäl": reason, "Referens": once})
        self._choose_kind(kind, detail)
        self._save("Spara klassificering")

    @effect(found_by=Reader.find_event, control=Reader.shows_events)
    def refer(self, matter: str, where: str, told: str, *, once: str) -> None:
        """Put down that the consumer has been referred to ARN, 7726 or the police, and what was said."""
        self._open_form(matter, "hanvisa", f"Hänvisa i {matter}")
        self.fill({"Hänvisa till": where, "Upplysning till konsumenten": told, "Referens": once})
        self._save("Spara hänvisning")

    @effect(found_by=Reader.find_letter, control=Reader.shows_letters)
    def send_letter(self, matter: str, subject: str, text: str, *, once: str, channel: str = EMAIL) -> None:
        """Send the consumer a letter. One by post is put in the queue and goes later; see ``Letter.sent``.

        ``text`` has a paragraph a line and no good-bye: the system signs. Raises ``BusinessException`` when the matter
        may not be changed, ``PageNotRecognised`` when the preview is not of what was written.
        """
        self._open_form(matter, "brev/nytt", f"Brev i {matter}")
        self.fill({"Skicka med": channel, "Ämne": subject, "Referens": once})
        self._await_template()
        write_rich(self, EDITOR, text)
        self.click(self.button("Förhandsgranska"))
        self._demand_preview(matter, {"Skicka med": channel, "Ämne": subject, "Referens": once}, text)
        self._save("Skicka")

    def _await_template(self) -> None:
        """Until the old letter that the editor opens with has come: it would wipe out what is written before that."""
        editor = self.inside(EDITOR)
        editor.see(editor.part("body > *").first)

    def _demand_preview(self, matter: str, head: Mapping[str, str], text: str) -> None:
        """The preview has what was written and nothing of an older letter; what the system adds stands apart."""
        heading, alert = f"Förhandsgranska brev i {matter}", self.part("[role=alert]")
        if not self.sees(self.heading(heading), otherwise=alert.or_(self.heading(self.login_heading))):
            if not alert.count():
                raise SessionLost(f"{self.bench.title} loggade ut roboten.")
            raise _refusal(self.bench.title, self.read_text(alert))
        self.arrive(heading)
        shown = self.facts("dl.head")
        for caption, value in head.items():
            if shown[caption] != value:
                raise PageNotRecognised(f"Förhandsgranskningen visar {caption} «{shown[caption]}», inte «{value}».")
        # A printed letter has other quotes and dashes than a keyboard.
        if _letters_only(" ".join(self.texts("p.said"))) != _letters_only(text):
            raise PageNotRecognised("Förhandsgranskningen visar ett annat brev än det som skrevs.")

    def _choose_kind(self, kind: str, detail: str) -> None:
        """Two lists, of which the second is made anew a moment after the first has been chosen in."""
        self.fill({"Ärendetyp": kind})
        option = self.part("select[name=underkategori] option", saying=detail)
        with suppress(PlaywrightTimeout):  # what is there instead is said below
            option.first.wait_for(state="attached", timeout=self.timeout * 1000)
        self.fill({"Underkategori": detail})

    def _open_form(self, matter: str, path: str, heading: str) -> None:
        """The form, or the system's own words for why nobody gets it now."""
        if self.open(f"/arenden/{matter}/{path}", heading=heading, otherwise=NOT_NOW):
            return
        words = self.read_text(self.part("[role=alert]"))
        if "öppnat av" in words:
            raise RecordLocked(f"Konsumentärende {matter}: {words}")
        raise _refusal(self.bench.title, words)

    def _save(self, button: str) -> None:
        self.commit(
            self.button(button), done=self.part("[role=status]"), refused=self.part("[role=alert]")
        )  # by their roles: neither has a name


def _refusal(title: str, words: str) -> BusinessException:
    kind = "Skyddade personuppgifter" if "skyddade personuppgifter" in words else "Systemet nekade"
    return BusinessException(
        f"{title} säger nej: {words}", kind=kind, todo="Läs vad systemet säger och gör klart för hand."
    )


def _demand(rows: list[Row], caption: str, wanted: str) -> list[Row]:
    for row in rows:
        if wanted not in row[caption]:
            raise PageNotRecognised(f"Listan visar {caption} «{row[caption]}» vid sökning efter «{wanted}».")
    return rows


def _only(what: str, mark: str, found: list[str]) -> str | None:
    if len(found) > 1:
        raise SeveralMatches(f"Flera {what} har {mark}: {', '.join(found)}.")
    return found[0] if found else None


def _letters_only(text: str) -> str:
    return re.sub(r"[\W_]", "", text)


def _given(text: str) -> str:
    return "" if text in ("–", "Skyddad identitet") else text


def _day(text: str) -> date | None:
    return date.fromisoformat(text[:10]) if _given(text) else None


def _letter(row: Row) -> Letter:
    return Letter(row["Brev"], row["Ärende"], row["Kanal"], row["Ämne"], row["Status"], _given(row["Referens"]))


def _matter(number: str, about: Mapping[str, str], told: Mapping[str, str], protected: bool, obstacle: str) -> Matter:
    return Matter(
        number=number,
        status=about["Status"],
        kind=about["Ärendetyp"],
        detail=_given(about["Underkategori"]),
        reference=_given(about["Vår beteckning"]),
        wish=about["Vill ha hjälp med"],
        description=about["Beskrivning"],
        consumer=None if protected else PersonalNumber(told["Personnummer"]),
        protected=protected,
        buyer=told["Köpare"],
        has_email=_given(told["E-post"]) != "",
        company=told["Motpart"],
        bought_on=_day(told["Köpdatum"]),
        amount=int(re.sub(r"\D", "", told["Belopp"])),
        withdraw_until=_day(told.get("Ångerfrist till", "–")),
        complain_until=_day(told.get("Reklamera senast", "–")),
        obstacle=obstacle,
    )
