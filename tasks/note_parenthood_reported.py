"""Anteckna i akten att ett godkänt protokoll om föräldraskap är anmält till Skatteverket."""

from datetime import date
from typing import Annotated, Literal

from robots import BusinessException, CaseNumber, Cases, Date, Describe, Run, task
from robots.systems import family_law, population_register


@task(title="Anteckna anmälan till Skatteverket", owner="Omsorg", saves_minutes=6)
def note_parenthood_reported(
    run: Run,
    case_number: CaseNumber,
    reported: Annotated[Date, Describe("Anmält den", hint="Den dag då du skickade protokollet till Skatteverket.")],
    way: Annotated[Literal["E-tjänst", "Blankett"], Describe("Anmält genom")] = "E-tjänst",
    *,
    cases: Cases.Writer,
    register: population_register.Reader,
    law: family_law.Writer,
) -> None:
    """Antecknar att handläggaren har anmält föräldraskapet. Själva anmälan kräver en persons e-legitimation."""
    with run.step("Kontrollera ärendet och den sökande"):
        case = cases.read(case_number)
        applicant = register.check_applicant(case.citizen, case_number)

    with run.step("Läs akten"):
        akter = [law.akt(number) for number in law.open_akter(applicant.personal_number)]
        akt = akt_of_the_case(akter, case_number)
        # Anteckningen kan vara körningens egen, från ett försök som blev avbrutet.
        own = any(run.has_made(reference) for reference in law.references(akt.number).values())
        protocol = protocol_to_note(akt, own=own)
        stop_if_not_that_day(reported, protocol, run.today)

    with run.step("Anteckna anmälan i akten"):
        law.note_reported(akt.number, protocol.number, reported, way=way, once="anmälan till Skatteverket")

    with run.step("Anteckna i ärendet"):
        note = (
            f"Protokoll {protocol.number} i akt {akt.number} är antecknat som anmält till Skatteverket {reported} "
            f"({way.lower()}). Anmälan är gjord av handläggaren. Akten är inte avslutad."
        )
        cases.add_note(case_number, note, once="anteckning")

    with run.step("Avsluta ärendet"):
        cases.set_status(case_number, "Avslutat", once="avslut")


def akt_of_the_case(akter: list[family_law.Akt], case_number: CaseNumber) -> family_law.Akt:
    found = [akt for akt in akter if akt.case_number == case_number]
    if len(found) != 1:
        raise BusinessException(
            f"Den sökande har {len(found)} öppna akter i det här ärendet.",
            kind="Ingen akt att anteckna i",
            todo="Kontrollera hos familjerätten vilken akt som hör till ärendet, och anteckna anmälan där.",
        )
    return found[0]


def protocol_to_note(akt: family_law.Akt, *, own: bool) -> family_law.Protocol:
    """Det enda godkända protokollet. ``own`` är att den här körningen redan har antecknat anmälan."""
    approved = [protocol for protocol in akt.protocols if protocol.approved]
    if not approved:
        raise BusinessException(
            f"Inget protokoll i akt {akt.number} är godkänt.",
            kind="Protokollet är inte godkänt",
            todo="Pröva och godkänn protokollet först, och anmäl det sedan till Skatteverket.",
        )
    if len(approved) > 1:
        raise BusinessException(
            f"Akt {akt.number} har {len(approved)} godkända protokoll.",
            kind="Flera godkända protokoll",
            todo="Avgör vilket protokoll anmälan gäller, och anteckna den för hand.",
        )
    if approved[0].reported and not own:
        raise BusinessException(
            f"Protokoll {approved[0].number} är redan anmält till Skatteverket, {approved[0].reported}.",
            kind="Redan anmält",
            todo="Ta reda på om protokollet har anmälts två gånger.",
        )
    return approved[0]


def stop_if_not_that_day(reported: date, protocol: family_law.Protocol, today: date) -> None:
    if not protocol.made <= reported <= today:
        raise BusinessException(
            f"Anmälan kan inte vara gjord {reported}: protokoll {protocol.number} är upprättat {protocol.made}, "
            f"och i dag är det {today}.",
            kind="Fel dag",
            todo="Kontrollera vilken dag protokollet anmäldes, och starta uppgiften igen.",
        )
