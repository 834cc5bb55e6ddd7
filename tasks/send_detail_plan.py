"""Skicka detaljplanen för en fastighet."""

from robots import BusinessException, CaseNumber, Cases, LongText, PropertyDesignation, Run, task
from robots.systems import detail_plan_map, population_register


@task(title="Skicka detaljplan", owner="Samhällsbyggnad", saves_minutes=10)
def send_detail_plan(
    run: Run,
    case_number: CaseNumber,
    property_id: PropertyDesignation,
    message: LongText = "",
    *,
    cases: Cases.Writer,
    register: population_register.Reader,
    maps: detail_plan_map.Reader,
) -> None:
    """Tar fram plankarta och planbeskrivning för de planer som gäller och skickar dem till den sökande."""
    with run.step("Kontrollera ärendet och den sökande"):
        case = cases.read(case_number)
        register.check_applicant(case.citizen, case_number)

    with run.step("Läs vilka planer som gäller"):
        home = maps.property(property_id)
        for plan in home.plans:
            if not plan.final:
                raise BusinessException(
                    f"Planen {plan.number} för {home.designation} har inte fått laga kraft ({plan.status}).",
                    kind="Planen har inte fått laga kraft",
                    todo="Förklara för den sökande vad som gäller nu och vad som är på gång.",
                )

    with run.step("Skicka till den sökande"):
        if home.outside:
            letter, files = run.letter("outside_plan", case.language, property_id=home.designation), []
        else:
            letter = run.letter("detail_plan", case.language, property_id=home.designation, message=message)
            documents = [(maps.download_map(plan), maps.download_description(plan)) for plan in home.plans]
            files = [document for pair in documents for document in pair if document]
        receipt = cases.send_message(case_number, letter.subject, letter.text, files, once="detaljplan")

    with run.step("Anteckna i ärendet"):
        if home.outside:
            note = f"Svarat att {home.designation} ligger utanför detaljplanelagt område, kvittens {receipt}."
        else:
            numbers = ", ".join(plan.number for plan in home.plans)
            note = f"Detaljplan {numbers} för {home.designation} skickad, {len(files)} filer, kvittens {receipt}."
        cases.add_note(case_number, f"{note} Ingen tolkning av planen är gjord.", once="anteckning")

    with run.step("Avsluta ärendet"):
        cases.set_status(case_number, "Avslutat", once="avslut")
