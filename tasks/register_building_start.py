"""Registrera en anmälan om byggstart."""

from datetime import date, timedelta
from typing import Annotated

from robots import (
    BusinessException,
    CaseNumber,
    Cases,
    Date,
    Describe,
    PermitNumber,
    PropertyDesignation,
    Run,
    YearTable,
    task,
)
from robots.systems import building_permits, population_register


class BuildingStart(YearTable):
    """Hur länge kungörelsen ska ha varit ute innan arbetet börjar, i ärenden under de äldre reglerna."""

    name = "building_start"
    weeks_after_announcement: int


@task(title="Registrera byggstart", owner="Samhällsbyggnad", saves_minutes=12)
def register_building_start(
    run: Run,
    case_number: CaseNumber,
    permit: PermitNumber,
    property_id: PropertyDesignation,
    starts: Annotated[Date, Describe("Byggstart", "2026-12-14", "Dagen då arbetet ska börja, ÅÅÅÅ-MM-DD.")],
    *,
    cases: Cases.Writer,
    register: population_register.Reader,
    permits: building_permits.Writer,
) -> None:
    """Registrerar den sökandes anmälan om byggstart i bygglovsärendet, och bekräftar att den har kommit in."""
    with run.step("Kontrollera ärendet och den sökande"):
        case = cases.read(case_number)
        applicant = register.check_applicant(case.citizen, case_number)

    with run.step("Kontrollera bygglovsärendet"):
        found = permits.case(permit)
        stop_if_not_the_applicants(found, property_id, applicant)

    with run.step("Kontrollera att byggstart inte är anmäld redan"):
        if found.starts:
            notices = permits.start_notices(permit)
            # Körningen kan ha blivit avbruten efter sin egen anmälan.
            others = [notice.number for notice in notices if not run.has_made(notice.reference)]
            if others:
                raise BusinessException(
                    f"Byggstart är redan anmäld i {permit}, till {found.starts}: händelse {', '.join(others)}.",
                    kind="Byggstart är redan anmäld",
                    todo="Stäm av med den sökande om datumet har ändrats, och rätta anmälan i så fall.",
                )

    with run.step("Kontrollera att byggstart kan anmälas"):
        stop_if_start_cannot_be_reported(found)
        stop_if_too_early(starts, earliest_start(run, found), found)

    with run.step("Registrera anmälan"):
        # Brevet skrivs först: utan en godkänd text ska inget ha registrerats när en person tar över.
        letter = run.letter("building_start", case.language, permit=permit, property_id=property_id, starts=starts)
        receipt = permits.register_start(
            permit, property_id, starts, f"Anmäld av den sökande i ärende {case_number}.", once="byggstart"
        )

    with run.step("Bekräfta för den sökande"):
        sent = cases.send_message(case_number, letter.subject, letter.text, [], once="bekräftelse")

    with run.step("Anteckna i ärendet"):
        cases.add_note(
            case_number,
            f"Anmälan om byggstart {starts} registrerad i {permit}, {property_id}: händelse {receipt}. "
            f"Bekräftelse skickad, kvittens {sent}. Ingen bedömning av bygget är gjord.",
            once="anteckning",
        )

    with run.step("Avsluta ärendet"):
        cases.set_status(case_number, "Avslutat", once="avslut")


def stop_if_not_the_applicants(
    found: building_permits.PermitCase, property_id: PropertyDesignation, applicant: population_register.Person
) -> None:
    """Ärendet ska gälla den fastighet och den person som hör av sig."""
    if found.protected:
        raise BusinessException(
            f"En part i ärendet {found.number} har skyddade personuppgifter.",
            kind="Skyddade personuppgifter i bygglovet",
            todo="Handlägg anmälan för hand enligt rutinen för skyddade personuppgifter.",
        )
    if found.property_id != property_id:
        raise BusinessException(
            f"Ärendet {found.number} gäller {found.property_id}, inte {property_id}.",
            kind="Fel fastighet",
            todo="Kontrollera diarienumret och fastigheten med den sökande.",
        )
    if not found.has_party(applicant.personal_number):
        raise BusinessException(
            f"Den sökande är inte part i ärendet {found.number}.",
            kind="Inte part i bygglovet",
            todo="Ta reda på om den sökande har fullmakt från byggherren.",
        )


def stop_if_start_cannot_be_reported(found: building_permits.PermitCase) -> None:
    """De lägen i bygglovsärendet där en person måste ta över, i den ordning de prövas."""
    if found.final_clearance or found.closed:
        raise BusinessException(
            f"Ärendet {found.number} är redan färdigt ({found.stage}).",
            kind="Bygget är redan färdigt",
            todo="Kontrollera diarienumret med den sökande: anmälan kan gälla ett annat ärende.",
        )
    if found.start_clearance is None:
        raise BusinessException(
            f"Ärendet {found.number} har inget startbesked. Den som börjar utan startbesked kan få betala en "
            "byggsanktionsavgift.",
            kind="Startbesked saknas",
            todo="Kontakta den sökande genast: arbetet ska inte påbörjas utan startbesked. Berätta vad som återstår.",
        )
    if not found.granted:
        raise BusinessException(
            f"Ärendet {found.number} har startbesked men inget beviljat lov.",
            kind="Inget beviljat lov",
            todo="Låt bygglovshandläggaren avgöra om anmälan kan tas emot.",
        )
    if found.needs_consultation and found.consultation is None:
        raise BusinessException(
            f"Det tekniska samrådet i {found.number} är inte hållet.",
            kind="Tekniskt samråd är inte hållet",
            todo="Låt bygglovshandläggaren kontakta den sökande om samrådet.",
        )
    if found.open_conditions:
        words = "; ".join(condition.words for condition in found.open_conditions)
        raise BusinessException(
            f"Villkor före byggstart är inte uppfyllda i {found.number}: {words}.",
            kind="Villkor är inte uppfyllda",
            todo="Berätta för den sökande vilka villkor som är öppna, och vänta med anmälan tills de är uppfyllda.",
        )


def earliest_start(run: Run, found: building_permits.PermitCase) -> date:
    """Startbeskedets dag eller, i ett ärende under de äldre reglerna, veckorna efter kungörelsen om de slutar senare.

    Året i tabellen är det år då beslutet kungjordes.
    """
    told = found.announced if found.old_rules else found.posted
    if told is None:
        raise BusinessException(
            f"Beslutet i {found.number} är varken kungjort eller anslaget.",
            kind="Beslutet är inte kungjort",
            todo="Låt bygglovshandläggaren kontrollera beslutet innan anmälan registreras.",
        )
    assert found.start_clearance is not None
    if not found.old_rules:
        return found.start_clearance
    weeks = run.table(BuildingStart, told.year).weeks_after_announcement
    return max(found.start_clearance, told + timedelta(weeks=weeks))


def stop_if_too_early(starts: date, earliest: date, found: building_permits.PermitCase) -> None:
    if found.start_clearance and starts < found.start_clearance:
        raise BusinessException(
            f"Byggstart {starts} är före startbeskedet i {found.number}, som gavs {found.start_clearance}.",
            kind="Före startbeskedet",
            todo="Ta reda på om arbetet redan har börjat. Det kan bli en fråga om byggsanktionsavgift.",
        )
    if starts < earliest:
        raise BusinessException(
            f"Byggstart {starts} är för tidig i {found.number}: väntetiden efter kungörelsen {found.announced} slutar "
            f"{earliest}.",
            kind="Fyra veckor efter kungörelsen",
            todo="Förklara väntetiden för den sökande, och fråga om byggstarten ska flyttas.",
        )
