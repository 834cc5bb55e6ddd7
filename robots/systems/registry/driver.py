"""The registry's pages: the desktop with its tree and its list, cards in windows of their own, menus of the right
mouse button.

Every search begins on a desktop that has just been opened: a branch that is chosen in the tree narrows all later ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from playwright.sync_api import Locator

from robots.errors import BusinessException, PageNotRecognised, RecordLocked, SeveralMatches
from robots.systems.documents import Document
from robots.systems.driver import Driver
from robots.systems.grid import Grid
from robots.systems.menus import context_menu, pick
from robots.systems.once import effect
from robots.systems.reach import expand
from robots.systems.registry.model import CLOSED, CaseFile, Handling, Hit
from robots.systems.view import Row, View
from robots.systems.windows import opened_by

DESKTOP = "Diariet"
CASES, DOCUMENTS = "Ärenden", "Handlingar"
ABSENT = {CASES: "Inga ärenden hittades.", DOCUMENTS: "Inga handlingar hittades."}
HITS = r"(\d+) träff(?:ar)?\b"
# The list, its search form and the documents of a card have no name that a person reads.
LIST, SEARCH_FORM, OF_CARD = "div.hits", "form.search", "div.documents"
STOPPED = "Går inte att göra"
# What the registrars keep to try their searches with, and what therefore is found if anything is.
TRIAL_CASE, TRIAL_DOCUMENT = "PROVÄRENDE", "PROVHANDLING"
REGISTERED = "Registrerad"  # the first line in the history of every document


class Reader(Driver):
    """What a robot may look at."""

    def case(self, dnr: str) -> CaseFile:
        """The ärende as its card shows it, closed or not. Raises ``BusinessException`` when there is no such dnr."""
        with self._card(CASES, dnr, "Ärende") as card:
            shown = card.facts("dl")
            documents = Grid(card, OF_CARD, absent="Ärendet har inga handlingar.").rows()
            return CaseFile(
                dnr, shown["Ärendemening"], shown["Nämnd"], shown["Status"], shown["Handläggare"],
                tuple(_hit(row) for row in documents),
            )  # fmt: skip

    def document(self, number: str) -> Handling:
        """The document as its card shows it. Raises ``BusinessException`` when there is none with that number."""
        with self._card(DOCUMENTS, number, "Handling") as card:
            shown = card.facts("dl")
            file = card.see(
                card.link("Hämta fil"),
                absent=card.text_containing("Filen visas inte.").or_(card.text_containing("Ingen fil, bara papper")),
            )
            return Handling(
                number, shown["Ärende"], shown["Rubrik"], shown["Riktning"], date.fromisoformat(shown["Datum"]),
                shown["Sekretess"], _given(shown["Utcheckad av"]), shown["Ärendets status"] == CLOSED,
                str(file.evaluate("link => link.href")) if file else "",
            )  # fmt: skip

    def documents_about(self, words: str, *, closed: bool = True) -> tuple[Hit, ...]:
        """The documents whose title (or sender) has all the words. Those of closed ärenden too, unless told not to."""
        return tuple(_hit(row) for row in self._search(DOCUMENTS, text=words, closed=closed)[1])

    def cases_of(self, board: str, year: int) -> tuple[str, ...]:
        """The dnr of a board's open ärenden of a year. ``board`` as the tree says it: «SN Socialnämnden»."""
        self.open("/", heading=DESKTOP)
        self.click(expand(self, board, str(year)))
        self.see(self.text(f"Söker bara i {board.partition(' ')[0]} {year}"))
        return tuple(row["Diarienummer"] for row in self._list(CASES).rows())

    def fetch(self, handling: Handling) -> Document:
        """The file of the document. Raises ``BusinessException`` where the card shows none."""
        if not handling.file:
            raise BusinessException(
                f"Handlingen {handling.number} har ingen fil som roboten får hämta ({handling.secrecy}).",
                kind="Sekretess" if handling.secret else "Finns bara på papper",
                todo="Lämna begäran till registrator.",
            )
        return self.fetch_pdf(handling.file)

    def my_check_outs(self) -> tuple[str, ...]:
        """What the registry shows as checked out by this robot: what a run has taken and not given back."""
        self.open("/", heading=DESKTOP)
        mine = 'section[aria-label="Mina utcheckade"] '
        if self.look(f"{mine}ol", absent="Du har inga utcheckade dokument.") is None:
            return ()
        return tuple(words.partition(" sedan ")[0] for words in self.texts(f"{mine}li"))

    def find_case(self, mark: str) -> str | None:
        """The dnr of the ärende with this «Extern id», closed or not, in a fresh search."""
        return _only("ärenden", mark, [row["Diarienummer"] for row in self._referring(CASES, mark)])

    def shows_cases(self) -> bool:
        """Whether the search finds the registrars' trial ärende: the positive control of ``find_case``."""
        return bool(self._referring(CASES, TRIAL_CASE))

    def find_document(self, mark: str) -> str | None:
        """The number of the document with this «Extern id», in a fresh search."""
        return _only("handlingar", mark, [row["Handling"] for row in self._referring(DOCUMENTS, mark)])

    def shows_documents(self) -> bool:
        """Whether the search finds the registrars' trial document: the positive control of ``find_document``."""
        return bool(self._referring(DOCUMENTS, TRIAL_DOCUMENT))

    def find_version(self, number: str, mark: str) -> str | None:
        """The line in the document's history that carries the mark, in a fresh search of it."""
        with self._opened(DOCUMENTS, number, f"Historik {number}", "Dokument", "Historik") as history:
            history.fill({"Sök": mark})
            history.click(history.button("Sök"))
            # The whole history, from before the search, never says that nothing is there.
            line = history.look("article", containing=mark, absent="Inget i historiken matchar.")
            return line.id if line else None

    def shows_versions(self, number: str) -> bool:
        """Whether the history has the line that every document begins with: the control of ``find_version``."""
        return self.find_version(number, REGISTERED) is not None

    # -- the list and what opens from it ------------------------------------------------------------------------

    def _referring(self, kind: str, mark: str) -> list[Row]:
        rows = self._search(kind, mark=mark)[1]
        for row in rows:
            if mark not in row["Extern id"]:
                raise PageNotRecognised(f"{self.bench.title} visar {row['Extern id']} vid sökning efter {mark}.")
        return rows

    def _search(
        self, kind: str, *, number: str = "", text: str = "", mark: str = "", closed: bool = True
    ) -> tuple[Grid, list[Row]]:
        """A fresh search on a fresh desktop, whose list is empty until then and says so in words of its own."""
        self.open("/", heading=DESKTOP)
        self.fill(
            {"Visa": kind, "Diarienummer": number, "Extern id": mark, "Text": text, "Visa även avslutade": closed},
            within=SEARCH_FORM,
        )
        self.click(self.button("Sök"))
        grid = self._list(kind)
        return grid, grid.rows()

    def _list(self, kind: str) -> Grid:
        return Grid(self, LIST, absent=ABSENT[kind], total=HITS)

    def _row(self, kind: str, number: str) -> Locator:
        """The row of one ärende (by its dnr) or one document (by its number), or that there is none."""
        # A document's number is its ärende's dnr and a serial number.
        dnr = number if kind == CASES else number.rpartition("-")[0]
        grid, rows = self._search(kind, number=dnr)
        if number not in [row["Diarienummer" if kind == CASES else "Handling"] for row in rows]:
            what = "Ärendet" if kind == CASES else "Handlingen"
            raise BusinessException(
                f"{what} {number} finns inte i diariet.",
                kind=f"{what} finns inte",
                todo="Kontrollera numret och sök i diariet.",
            )
        return grid.row(number)

    @contextmanager
    def _card(self, kind: str, number: str, what: str) -> Iterator[View]:
        """The card, in the window that a double-click on the row opens."""
        row = self._row(kind, number)
        with opened_by(self, lambda: self.double_click(row), heading=f"{what} {number}") as card:
            yield card

    @contextmanager
    def _opened(self, kind: str, number: str, heading: str, *path: str) -> Iterator[View]:
        """The window that an entry in the row's menu opens, or the registry's own words for why it does not."""
        row = self._row(kind, number)
        with opened_by(self, lambda: context_menu(self, row, *path)) as window:
            if not self._arrive(window, heading, STOPPED):
                self.arrive(heading, view=window)  # the login, which has no such heading: says so
            if self._arrived == (window, STOPPED):
                raise self._refusal(number, window.read_text(window.part("[role=alert]")))
            yield window

    def _refusal(self, number: str, words: str) -> Exception:
        if "utcheckad av" in words:
            return RecordLocked(f"{self.bench.title}: {words}")
        return BusinessException(
            f"{self.bench.title} säger nej: {words}",
            kind="Systemet nekade",
            todo=f"Öppna {number} och gör det för hand.",
        )


class Writer(Reader):
    """What a robot may change."""

    @effect(found_by=Reader.find_case, control=Reader.shows_cases)
    def open_case(self, board: str, title: str, *, once: str) -> None:
        """Open an ärende in the series of a board («SN Socialnämnden»). The receipt is its dnr."""
        self.open("/", heading=DESKTOP)
        with opened_by(self, lambda: pick(self, "Registrera", "Nytt ärende"), heading="Nytt ärende") as form:
            form.fill({"Nämnd": board, "Ärendemening": title, "Extern id": once})
            self._save(form, "Registrera ärende")

    @effect(found_by=Reader.find_document, control=Reader.shows_documents)
    def register_document(
        self, dnr: str, title: str, sender: str, received: date, *, secrecy: str, file: Document, once: str
    ) -> None:
        """Register a document that has come in. ``secrecy`` as the registry writes it. The receipt is its number.

        Raises ``BusinessException`` for a closed ärende, ``EffectRefused`` for a file that is no PDF.
        """
        self.bench.recorder.hide(sender)  # as a rule a citizen
        with self._opened(CASES, dnr, f"Ny handling i {dnr}", "Ny handling", "Inkommen") as form:
            form.fill({"Rubrik": title, "Avsändare": sender, "Inkom": received, "Sekretess": secrecy,
                       "Extern id": once})  # fmt: skip
            self.attach_documents("Fil", [file], view=form)
            self._save(form, "Registrera handling")

    @effect(found_by=Reader.find_version, control=Reader.shows_versions)
    def check_out(self, number: str, reason: str, *, once: str) -> None:
        """Take a document, so that nobody else can change it. Raises ``RecordLocked`` when a colleague has it."""
        with self._opened(DOCUMENTS, number, f"Checka ut {number}", "Dokument", "Checka ut") as form:
            form.fill({"Kommentar": f"{reason} [{once}]"})
            self._save(form, "Checka ut")

    @effect(found_by=Reader.find_version, control=Reader.shows_versions)
    def check_in(self, number: str, file: Document, changed: str, *, once: str) -> None:
        """Give a document back with a new version of its file. Raises ``RecordLocked`` when a colleague has it."""
        with self._opened(DOCUMENTS, number, f"Checka in {number}", "Dokument", "Checka in") as form:
            self.attach_documents("Fil", [file], view=form)
            form.fill({"Kommentar": f"{changed} [{once}]"})
            self._save(form, "Checka in")

    def _save(self, form: View, button: str) -> None:
        self.commit(form.button(button), done=form.heading("Klart"), refused=form.part("[role=alert]"))


def _only(what: str, mark: str, found: list[str]) -> str | None:
    if len(found) > 1:
        raise SeveralMatches(f"Flera {what} har {mark}: {', '.join(found)}.")
    return found[0] if found else None


def _given(text: str) -> str:
    return "" if text == "–" else text


def _hit(row: Row) -> Hit:
    return Hit(row["Handling"], row["Rubrik"], row["Sekretess"], _given(row["Utcheckad"]))
