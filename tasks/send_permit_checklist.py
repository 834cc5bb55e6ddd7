"""Skicka checklistan för en ansökan om bygglov."""

from datetime import date
from typing import Annotated, Literal

from robots import BusinessException, CaseNumber, Cases, Describe, PropertyDesignation, Run, YearTable, task
from robots.systems import building_permits, detail_plan_map, population_register

# Med samma ord som i byggärendena, så att en ansökan som redan har kommit in känns igen.
Measure = Literal[
    "Nybyggnad av enbostadshus",
    "Tillbyggnad av enbostadshus",
    "Nybyggnad av garage",
    "Nybyggnad av komplementbyggnad",
    "Fasadändring",
]


class PermitRules(YearTable):
    """Från vilken dag en ansökan ska prövas efter de nya reglerna i plan- och bygglagen."""

    name = "permit_rules"
    new_rules_from: date


@task(title="Skicka checklista för bygglov", owner="Samhällsbyggnad", saves_minutes=10)
def send_permit_checklist(
    run: Run,
    case_number: CaseNumber,
    property_id: PropertyDesignation,
    measure: Annotated[Measure, Describe("Åtgärd", "Tillbyggnad av enbostadshus")],
    *,
    cases: Cases.Writer,
    register: population_register.Reader,
    maps: detail_plan_map.Reader,
    permits: building_permits.Reader,
) -> None:
    """Skickar listan över vad en ansökan om bygglov ska innehålla, efter åtgärd, detaljplan och regler."""
    with run.step("Kontrollera ärendet och den sökande"):
        case = cases.read(case_number)
        applicant = register.check_applicant(case.citizen, case_number)

    with run.step("Läs om fastigheten ligger inom detaljplan"):
        home = maps.property(property_id)
        stop_if_plan_is_not_final(home)

    with run.step("Se vilka regler som gäller"):
        waiting = [each for each in permits.cases_of(home.designation) if each.undecided]
        older = [each for each in waiting if follows_older_rules(run, each.arrived)]
        if older:
            stop_if_unclear_rules(waiting, measure)
            stop_if_not_a_party(permits.case(older[0].number), applicant)
        rules_from = new_rules_from(run, older[0].arrived if older else run.today)

    with run.step("Skicka till den sökande"):
        letter = run.letter(
            "permit_checklist",
            case.language,
            property_id=home.designation,
            measure=measure,
            outside=home.outside,
            older_rules=bool(older),
            rules_from=rules_from,
        )
        receipt = cases.send_message(case_number, letter.subject, letter.text, [], once="checklista")

    with run.step("Anteckna i ärendet"):
        plan = "utanför detaljplan" if home.outside else "inom detaljplan"
        applied = f"äldre regler (ansökan {older[0].number})" if older else f"regler från {rules_from}"
        cases.add_note(
            case_number,
            f"Checklista för bygglov skickad: {measure}, {home.designation}, {plan}, {applied}, kvittens {receipt}. "
            "Ingen bedömning är gjord av om åtgärden kräver eller kan få bygglov.",
            once="anteckning",
        )

    with run.step("Avsluta ärendet"):
        cases.set_status(case_number, "Avslutat", once="avslut")


def follows_older_rules(run: Run, arrived: date) -> bool:
    return arrived < new_rules_from(run, arrived)


def new_rules_from(run: Run, arrived: date) -> date:
    """Året i tabellen är det år då ansökan kom in. Den som inte har ansökt än ansöker i dag."""
    return run.table(PermitRules, arrived.year).new_rules_from


def stop_if_plan_is_not_final(home: detail_plan_map.PropertyCard) -> None:
    for plan in home.plans:
        if not plan.final:
            raise BusinessException(
                f"Planen {plan.number} för {home.designation} har inte fått laga kraft ({plan.status}).",
                kind="Planen har inte fått laga kraft",
                todo="Förklara för den sökande vad som gäller nu och vad som är på gång, och skicka rätt checklista.",
            )


def stop_if_unclear_rules(waiting: list[building_permits.ListedCase], measure: str) -> None:
    """När en ansökan följer de äldre reglerna måste frågan säkert gälla just den."""
    if len(waiting) > 1 or waiting[0].what != measure:
        numbers = ", ".join(f"{each.number} ({each.what})" for each in waiting)
        raise BusinessException(
            f"Frågan gäller {measure}, och på {waiting[0].property_id} prövas redan {numbers}.",
            kind="Oklart vilka regler som gäller",
            todo="Fråga om det gäller ansökan som redan har kommit in eller en ny, och skicka rätt checklista.",
        )


def stop_if_not_a_party(application: building_permits.PermitCase, applicant: population_register.Person) -> None:
    if application.protected:
        raise BusinessException(
            f"En part i ärendet {application.number} har skyddade personuppgifter.",
            kind="Skyddade personuppgifter i bygglovet",
            todo="Svara den sökande för hand enligt rutinen för skyddade personuppgifter.",
        )
    if not application.has_party(applicant.personal_number):
        raise BusinessException(
            f"Ansökan {application.number} följer de äldre reglerna, och den sökande är inte part i den.",
            kind="Inte part i bygglovet",
            todo="Ta reda på om frågan gäller den ansökan eller en ny, och skicka rätt checklista.",
        )
