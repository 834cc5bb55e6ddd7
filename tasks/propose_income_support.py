"""Föreslå försörjningsstöd till ett hushåll som ansöker igen."""

from collections.abc import Mapping
from datetime import date
from math import ceil
from typing import Annotated

from pydantic import Field

from robots import BusinessException, CaseNumber, Cases, Describe, Run, YearTable, task
from robots.systems import income_support, population_register

DECIDED = "Beslutad"  # som verksamhetssystemet skriver det


class Riksnorm(YearTable):
    """Ett års riksnorm: kronor i månaden, rad för rad som i verksamhetssystemet, och hur långt den räcker."""

    name = "riksnorm"
    kronor: dict[str, int]
    most_at_home: int
    oldest_child: int


@task(title="Föreslå försörjningsstöd", owner="Omsorg", saves_minutes=35, level="förslag")
def propose_income_support(
    run: Run,
    case_number: CaseNumber,
    others_at_home: Annotated[
        int,
        Describe("Andra som delar bostaden", "0", "Antal personer som delar hushållskostnader men inte söker."),
        Field(ge=0, le=20),
    ] = 0,
    *,
    cases: Cases.Writer,
    register: population_register.Reader,
    support: income_support.Writer,
) -> None:
    """Jämför ansökan med förra månaden och SSBTEK, räknar, och lägger ett förslag som en handläggare beslutar om."""
    month, year = f"{run.today:%Y-%m}", run.today.year  # månaden som pengarna gäller avgör vilken riksnorm som räknas

    with run.step("Kontrollera ärendet och de sökande"):
        case = cases.read(case_number)
        applicant = register.check_applicant(case.citizen, case_number)
        file = support.file_of(applicant.personal_number)
        for adult in file.adults:
            if adult != applicant.personal_number:
                register.check_applicant(adult, case_number)

    with run.step("Läs månadens ansökan"):
        application = support.application(file, month)
        if application is None:
            raise BusinessException(
                f"Akt {file.number} har ingen ansökan för {month}.",
                kind="Ingen ansökan för månaden",
                todo="Hjälp den sökande att ansöka, eller ta reda på vilken månad ansökan gäller.",
            )
        stop_if_application_needs_person(application, file, support.decision(file, month))
        stop_if_no_plan(file, run.today)

    with run.step("Jämför med förra beräkningen och SSBTEK"):
        last = support.last_calculation(file)
        if last is None:
            raise BusinessException(
                f"Akt {file.number} har ingen tidigare beräkning.",
                kind="Första ansökan",
                todo="Utred den första ansökan för hand.",
            )
        stop_if_not_the_month_after(last, month)
        stop_if_household_changed(application, last, file)
        stop_if_costs_changed(application, last)
        stop_if_incomes_changed(application, last)
        stop_if_incomes_differ(application, support.replies(file, month), file)

    with run.step("Räkna ut månadens bistånd"):
        table = run.table(Riksnorm, year)
        norms = income_support.Norms(year, table.kronor)
        if norms != support.norms(year):
            raise BusinessException(
                f"Riksnormen för {year} är inte densamma i tabellen och i verksamhetssystemet.",
                kind="Riksnormen stämmer inte",
                todo="Räkna för hand, och låt robotägaren jämföra båda med årets förordning.",
            )
        stop_if_beyond_the_norm(file, others_at_home, year, table)
        result = support_for(norms, len(file.adults), file.turning(year), application, others_at_home)
        if result <= 0:
            raise BusinessException(
                f"Ansökan {application.number} leder inte till ett förslag om bifall.",
                kind="Inget förslag om bifall",
                todo="Pröva ansökan för hand. Ett avslag föreslås och beslutas alltid av en handläggare.",
            )

    with run.step("Lägg förslaget till handläggaren"):
        reasons = (
            f"Hushåll, utgifter och inkomster är desamma som i beräkning {last.number}, och inkomsterna stämmer med "
            f"SSBTEK. Planeringen gäller till {file.plan_until}. Riksnorm {year}: {table.source}. "
            f"Uträknat av roboten {run.robot}. En handläggare prövar och beslutar."
        )
        proposal = income_support.Proposal(application.costs, application.incomes, result, reasons)
        receipt = support.propose(file, month, proposal, once="förslag")

    with run.step("Anteckna i ärendet"):
        cases.add_note(
            case_number,
            f"Förslag {receipt} för {month} ligger i akt {file.number} och väntar på {file.official}. Ansökan "
            f"{application.number} är jämförd med beräkning {last.number} och SSBTEK. Inget är beslutat, och den "
            "sökande har inte fått något besked.",
            once="anteckning",
        )

    with run.step("Lämna ärendet vidare"):
        cases.set_status(case_number, "Pågående", once="status")
        cases.hand_over(
            case_number,
            f"Förslag {receipt} i akt {file.number} väntar på {file.official}.",
            "Pröva förslaget och besluta. Starta sedan «Ge besked om försörjningsstöd» i samma ärende.",
            once="fördelning",
        )


def support_for(
    norms: income_support.Norms,
    adults: int,
    turning: list[int],
    application: income_support.Application,
    others_at_home: int = 0,
) -> int:
    """Behovet minus inkomsterna, i hela kronor för en månad. Noll eller mindre betyder att inget saknas.

    ``turning`` är vad barnen fyller i år. Behovet är riksnormen (hushållets personliga kostnader och dess del av de
    gemensamma) och utgifterna. De gemensamma kostnaderna delas lika mellan alla som delar bostaden, och hushållet
    behåller sin del: en ensam vuxen bland fyra får en fjärdedel. Öret avrundas uppåt.
    """
    members = adults + len(turning)
    at_home = members + others_at_home
    shared = ceil(norms.shared(at_home) * members / at_home)
    need = norms.personal(adults, turning) + shared + sum(application.costs.values())
    return need - sum(by_applicant(application).values())


def stop_if_application_needs_person(
    application: income_support.Application, file: income_support.File, decision: income_support.Decision | None
) -> None:
    """Båda ska ha skrivit under, en ansökan i månaden prövas, och det som är skrivet fritt läser en person."""
    if application.unsigned:
        raise BusinessException(
            f"Ansökan {application.number} saknar underskrift från {len(application.unsigned)} av {len(file.adults)} "
            "sökande.",
            kind="Underskrift saknas",
            todo="Be den som inte har skrivit under att göra det. Alla vuxna som söker måste skriva under.",
        )
    if application.earlier or decision:
        raise BusinessException(
            f"Hushållet i akt {file.number} har redan en ansökan eller ett beslut för {application.month}.",
            kind="Redan ansökt för månaden",
            todo="Ta reda på varför hushållet ansöker igen. Bara en ansökan i månaden prövas.",
        )
    if application.message:
        raise BusinessException(
            f"Den sökande har skrivit ett meddelande i ansökan {application.number}.",
            kind="Meddelande i ansökan",
            todo="Läs meddelandet i ansökan och handlägg den för hand.",
        )


def stop_if_no_plan(file: income_support.File, today: date) -> None:
    if file.plan_until is None or file.plan_until < today:
        raise BusinessException(
            f"Akt {file.number} har ingen planering som gäller.",
            kind="Planering saknas",
            todo="Gör en planering tillsammans med den sökande innan ansökan prövas.",
        )


def stop_if_not_the_month_after(last: income_support.Calculation, month: str) -> None:
    """Det som jämförs ska vara förra månadens beräkning, och någon ska ha beslutat om den."""
    if last.month != month_before(month):
        raise BusinessException(
            f"Den förra beräkningen, {last.number}, gäller inte månaden före {month}.",
            kind="Uppehåll sedan förra beräkningen",
            todo="Ta reda på vad som har hänt sedan dess och handlägg ansökan för hand.",
        )
    if last.status != DECIDED:
        raise BusinessException(
            f"Den förra beräkningen, {last.number}, är inte beslutad.",
            kind="Förra beräkningen är inte beslutad",
            todo="Gör klart förra månadens beräkning innan den här ansökan prövas.",
        )


def month_before(month: str) -> str:
    """``2026-01`` ger ``2025-12``."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year}-{number - 1:02d}" if number > 1 else f"{year - 1}-12"


def stop_if_household_changed(
    application: income_support.Application, last: income_support.Calculation, file: income_support.File
) -> None:
    if not application.members == last.members == file.members:
        raise BusinessException(
            f"Ansökan {application.number}, beräkning {last.number} och akt {file.number} har olika hushåll.",
            kind="Hushållet har ändrats",
            todo="Utred vilka som hör till hushållet och räkna för hand.",
        )


def stop_if_costs_changed(application: income_support.Application, last: income_support.Calculation) -> None:
    """Skäliga utgifter är de som en handläggare godkände förra månaden. Allt annat prövar en person."""
    asked, approved = not_nought(application.costs), not_nought(last.costs)
    if asked.keys() - approved.keys():
        raise BusinessException(
            f"Ansökan {application.number} har en utgift som inte finns i beräkning {last.number}.",
            kind="Ny utgift",
            todo="Pröva den nya utgiften och räkna för hand.",
        )
    if asked != approved:
        raise BusinessException(
            f"Utgifterna är inte desamma i ansökan {application.number} som i beräkning {last.number}.",
            kind="Ändrad utgift",
            todo="Pröva om utgifterna är skäliga och räkna för hand.",
        )


def stop_if_incomes_changed(application: income_support.Application, last: income_support.Calculation) -> None:
    if by_applicant(application) != by_applicant(last):
        raise BusinessException(
            f"Inkomsterna är inte desamma i ansökan {application.number} som i beräkning {last.number}.",
            kind="Ändrad inkomst",
            todo="Begär underlag om inkomsterna och räkna för hand.",
        )


def stop_if_incomes_differ(
    application: income_support.Application, replies: tuple[income_support.Reply, ...], file: income_support.File
) -> None:
    """Varje inkomst ska finnas i SSBTEK, för samma person och med samma belopp, och ingen annan får finnas där."""
    paid: dict[tuple[str, int], int] = {}
    for reply in replies:
        if reply.benefit:
            key = (reply.benefit, file.adults.index(reply.person))
            paid[key] = paid.get(key, 0) + reply.amount
    if by_applicant(application) != paid:
        raise BusinessException(
            f"Inkomsterna i ansökan {application.number} stämmer inte med svaren från SSBTEK.",
            kind="Inkomsten stämmer inte med SSBTEK",
            todo="Fråga den sökande om skillnaden, begär underlag och räkna för hand.",
        )


def stop_if_beyond_the_norm(file: income_support.File, others_at_home: int, year: int, table: Riksnorm) -> None:
    """Riksnormen har belopp för så många och så gamla som tabellen säger. Därutöver räknar en person."""
    if len(file.members) + others_at_home > table.most_at_home:
        raise BusinessException(
            f"Fler delar bostaden än de {table.most_at_home} som riksnormen har belopp för.",
            kind="Fler än riksnormen räcker till",
            todo="Räkna de gemensamma kostnaderna för hand.",
        )
    if any(age > table.oldest_child for age in file.turning(year)):
        raise BusinessException(
            f"Ett barn i akt {file.number} fyller mer än {table.oldest_child} år i år.",
            kind="Barnet är vuxet",
            todo="Ta reda på om barnet går i gymnasiet eller ska söka själv, och räkna för hand.",
        )


def not_nought(amounts: Mapping[str, int]) -> dict[str, int]:
    """En rad utan belopp är detsamma som ingen rad."""
    return {row: amount for row, amount in amounts.items() if amount}


def by_applicant(told: income_support.Application | income_support.Calculation) -> dict[tuple[str, int], int]:
    """Varje inkomst för sig: slaget, vems den är (0 är den sökande, 1 den medsökande), och beloppet."""
    return {(row, who): amount for row, both in told.incomes.items() for who, amount in enumerate(both) if amount}
