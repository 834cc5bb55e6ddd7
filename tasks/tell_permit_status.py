"""Berätta hur långt ett bygglovsärende har kommit."""

from datetime import date

from robots import BusinessException, CaseNumber, Cases, PermitNumber, Run, task
from robots.systems import building_permits, population_register


@task(title="Status i bygglov", owner="Samhällsbyggnad", saves_minutes=8)
def tell_permit_status(
    run: Run,
    case_number: CaseNumber,
    permit: PermitNumber,
    *,
    cases: Cases.Writer,
    register: population_register.Reader,
    permits: building_permits.Reader,
) -> None:
    """Svarar hur långt bygglovet har kommit; den som inte är part i ärendet får bara de offentliga uppgifterna."""
    with run.step("Kontrollera ärendet och den sökande"):
        case = cases.read(case_number)
        applicant = register.check_applicant(case.citizen, case_number)

    with run.step("Läs bygglovsärendet"):
        found = permits.case(permit)
        stop_if_protected(found)
        is_party = found.has_party(applicant.personal_number)
        if is_party:
            stop_if_supplement_is_overdue(found, run.today)
        elif case.property_id not in (None, found.property_id):
            raise BusinessException(
                f"{permit} gäller {found.property_id} men frågan {case.property_id}, och den sökande är inte part.",
                kind="Fel fastighet",
                todo="Kontrollera diarienumret med den sökande.",
            )

    with run.step("Skicka till den sökande"):
        public = {
            "permit": permit,
            "what": found.what,
            "property_id": found.property_id,
            "arrived": found.arrived,
            "decided": found.decided,
            "start_clearance": found.start_clearance,
            "final_clearance": found.final_clearance,
        }
        if is_party:
            letter = run.letter(
                "permit_status",
                case.language,
                stage=found.stage,
                granted=found.granted,
                supplement=found.supplement,
                **public,
            )
        else:
            letter = run.letter("permit_status_public", case.language, **public)
        receipt = cases.send_message(case_number, letter.subject, letter.text, [], once="besked")

    with run.step("Anteckna i ärendet"):
        told = found.stage if is_party else "bara offentliga uppgifter, den sökande är inte part"
        cases.add_note(
            case_number,
            f"Besked lämnat om {permit}, {found.property_id}: {told}, kvittens {receipt}. "
            "Ingen bedömning av ärendet är gjord.",
            once="anteckning",
        )

    with run.step("Avsluta ärendet"):
        cases.set_status(case_number, "Avslutat", once="avslut")


def stop_if_protected(found: building_permits.PermitCase) -> None:
    if found.protected:
        raise BusinessException(
            f"En part i ärendet {found.number} har skyddade personuppgifter.",
            kind="Skyddade personuppgifter i bygglovet",
            todo="Svara för hand enligt rutinen för skyddade personuppgifter.",
        )


def stop_if_supplement_is_overdue(found: building_permits.PermitCase, today: date) -> None:
    """Den sista dagen räknas in i tiden."""
    if found.supplement and found.supplement.latest < today:
        raise BusinessException(
            f"Tiden för att komplettera {found.number} gick ut {found.supplement.latest}.",
            kind="Tiden för komplettering har gått ut",
            todo="Låt bygglovshandläggaren svara om ansökan kan kompletteras ändå.",
        )
