"""What the registry has on record: ärenden with a dnr of their board's series, and the documents in them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from robots.practice.pdf import drawing_pdf
from robots.practice.town import Case, Town

BOARDS = {
    "KS": "Kommunstyrelsen",
    "BN": "Byggnadsnämnden",
    "SN": "Socialnämnden",
    "UN": "Utbildningsnämnden",
    "TN": "Tekniska nämnden",
}
OPEN, CLOSED = "Öppet", "Avslutat"
NO_SECRECY = "Ingen sekretess"
SECRECY = (NO_SECRECY, "OSL 21:3", "OSL 26:1", "OSL 31:16")
INCOMING, OUTGOING, OWN = "Inkommen", "Utgående", "Upprättad"
REGISTRAR = "Marit Sandell"
FORGETFUL = "Gunvor (robot)"  # a run of this robot has died with a document checked out
# What always stands there, whatever else does: the registrars try their searches with them.
TRIAL_CASE, TRIAL_DOCUMENT = "PROVÄRENDE", "PROVHANDLING"
YEARS = 3


@dataclass
class Version:
    """One step in a document's life, the first being its registration."""

    number: str
    what: str
    comment: str
    by: str
    on: date


@dataclass
class Document:
    """A handling. ``mark`` is «Extern id». ``content`` is None where there is paper only."""

    id: str
    number: str
    case: str
    direction: str
    title: str
    party: str
    on: date
    secrecy: str
    mark: str
    file_name: str
    content: bytes | None
    checked_out_by: str = ""
    checked_out_on: date | None = None
    versions: list[Version] = field(default_factory=list)

    @property
    def secret(self) -> bool:
        return self.secrecy != NO_SECRECY

    def as_json(self) -> dict[str, Any]:
        told = {name: value for name, value in vars(self).items() if name not in ("content", "versions")}
        told |= {"on": self.on.isoformat(), "bytes": len(self.content or b""), "versions": len(self.versions)}
        told["checked_out_on"] = self.checked_out_on.isoformat() if self.checked_out_on else ""
        return told


@dataclass
class CaseFile:
    """An ärende. ``id`` is the system's own, in addresses; ``dnr`` what people say."""

    id: str
    dnr: str
    board: str
    year: int
    title: str
    status: str
    officer: str
    mark: str
    opened: date
    documents: list[Document] = field(default_factory=list)


class Register:
    """All ärenden and documents, by id."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.today = town.today
        self.cases: dict[str, CaseFile] = {}
        self.documents: dict[str, Document] = {}
        self._series: dict[tuple[str, int], int] = {}
        dice = random.Random(f"diarium {town.seed}")
        self._earlier(dice)
        self._asked_for(dice)

    # -- what was there before

    def _earlier(self, dice: random.Random) -> None:
        titles = ("Motion om cykelbana", "Remiss om trygga skolvägar", "Medborgarförslag om lekplats", "Detaljbudget",
                  "Avtal om snöröjning", "Upphandling av skolmat", "Yttrande till länsstyrelsen")  # fmt: skip
        for year in range(self.today.year - YEARS + 1, self.today.year + 1):
            for board in BOARDS:
                self._series[board, year] = dice.randint(100, 800)
                for place in range(9):
                    case = self.add_case(
                        board, dice.choice(titles), officer=REGISTRAR, mark="",
                        status=CLOSED if place % 3 or year < self.today.year else OPEN,
                        opened=min(date(year, 1, 2 + place), self.today),
                    )  # fmt: skip
                    self._paper(
                        case, OUTGOING, f"Beslut: {case.title}", "Länsstyrelsen", dice, with_file=place % 2 == 0
                    )
        first = next(iter(self.cases.values()))
        first.mark, first.status = TRIAL_CASE, CLOSED
        first.documents[0].mark = TRIAL_DOCUMENT
        forgotten = self._paper(
            self.add_case("KS", "Policy för e-post", officer=REGISTRAR, mark=""), OWN, "Utkast till policy", "", dice
        )
        forgotten.checked_out_by, forgotten.checked_out_on = FORGETFUL, self.today - timedelta(days=9)

    def _asked_for(self, dice: random.Random) -> None:
        for case in self.town.cases.values():
            if case.errand == "registry_request":
                self._fitting(case, dice)

    def _fitting(self, case: Case, dice: random.Random) -> None:
        """The document that a citizen asks for, made to fit what is special about the case."""
        status = CLOSED if case.twist == "closed_case" else OPEN
        title = f"Skrivelse om {case.property_id}"
        made = self.add_case("BN", f"Synpunkter på {case.property_id}", officer=REGISTRAR, mark="", status=status)
        document = self._paper(made, INCOMING, title, "Grannskapsföreningen", dice)
        if case.twist == "secret":
            document.secrecy = "OSL 31:16"
        if case.twist == "checked_out":
            document.checked_out_by, document.checked_out_on = REGISTRAR, self.today - timedelta(days=1)
        if case.twist == "several_hits":
            other = self.add_case("TN", f"Väg vid {case.property_id}", officer=REGISTRAR, mark="")
            self._paper(other, INCOMING, title, "Vägföreningen", dice)

    def _paper(
        self, case: CaseFile, direction: str, title: str, party: str, dice: random.Random, *, with_file: bool = True
    ) -> Document:
        on = self.today - timedelta(days=dice.randint(3, 60))
        case.opened = min(case.opened, on)
        content = drawing_pdf(title, (case.dnr, case.title), landscape=False) if with_file else None
        return self.add_document(
            case, direction, title, party, on, secrecy=NO_SECRECY, mark="", content=content, by=REGISTRAR
        )  # fmt: skip

    # -- changes

    def add_case(
        self, board: str, title: str, *, officer: str, mark: str, status: str = OPEN, opened: date | None = None
    ) -> CaseFile:  # fmt: skip
        """An ärende with the next number of its board in the year in which it is opened: today, unless told."""
        opened = opened or self.today
        year = opened.year
        self._series[board, year] = self._series.get((board, year), 0) + 1
        dnr = f"{board}-{year}/{self._series[board, year]:04d}"
        made = CaseFile(str(41_000 + len(self.cases)), dnr, board, year, title, status, officer, mark, opened)
        self.cases[made.id] = made
        return made

    def add_document(
        self, case: CaseFile, direction: str, title: str, party: str, on: date, *, secrecy: str, mark: str,
        content: bytes | None, by: str,
    ) -> Document:  # fmt: skip
        number = f"{case.dnr}-{len(case.documents) + 1}"
        name = f"{number.replace('/', '_')}.pdf" if content else ""
        made = Document(
            str(90_000 + len(self.documents)), number, case.dnr, direction, title, party, on, secrecy, mark, name,
            content,
        )  # fmt: skip
        case.documents.append(made)
        self.documents[made.id] = made
        self.remember(made, "Registrerad", mark, by)
        return made

    def remember(self, document: Document, what: str, comment: str, by: str) -> Version:
        number = f"V-{document.id}-{len(document.versions) + 1}"
        document.versions.append(Version(number, what, comment, by, self.today))
        return document.versions[-1]

    def case_of(self, document: Document) -> CaseFile:
        return next(case for case in self.cases.values() if case.dnr == document.case)

    def checked_out_by(self, user: str) -> list[Document]:
        return [d for d in self.documents.values() if d.checked_out_by == user]
