"""Skicka ritningar till den som frågar."""

from robots import BusinessException, CaseNumber, Cases, LongText, PropertyDesignation, Run, task
from robots.systems import detail_plan_map, drawing_archive, population_register


@task(title="Skicka ritningar", owner="Samhällsbyggnad", saves_minutes=12)
def send_drawings(
    run: Run,
    case_number: CaseNumber,
    property_id: PropertyDesignation,
    message: LongText = "",
    *,
    cases: Cases.Writer,
    register: population_register.Reader,
    maps: detail_plan_map.Reader,
    archive: drawing_archive.Reader,
) -> None:
    """Tar ut en fastighets ritningar ur arkivet och skickar dem till den sökande."""
    with run.step("Kontrollera ärendet och den sökande"):
        case = cases.read(case_number)
        register.check_applicant(case.citizen, case_number)

    with run.step("Leta upp fastigheten"):
        home = maps.property(property_id)

    with run.step("Hämta ritningarna"):
        found = archive.holdings(home.designation)
        if home.older_designation:
            found += archive.holdings(home.older_designation, older=True)
        if found.guarded:
            raise BusinessException(
                f"Fastigheten är ett skyddsobjekt ({found.guarded}).",
                kind="Skyddsobjekt",
                todo="Kontakta arkivarien innan något lämnas ut.",
            )
        if not found.drawings:
            raise BusinessException(
                f"Arkivet har inga ritningar för {home.designation}.",
                kind="Inga ritningar i arkivet",
                todo="Sök i pappersarkivet och svara den sökande.",
            )
        open_drawings = [drawing for drawing in found.drawings if not drawing.secret]
        if not open_drawings:
            raise BusinessException(
                f"Alla {len(found.drawings)} ritningar för {home.designation} är sekretessmarkerade.",
                kind="Sekretess på ritningarna",
                todo="Be arkivarien pröva om ritningarna kan lämnas ut.",
            )
        files = [archive.download(drawing) for drawing in open_drawings]

    with run.step("Skicka till den sökande"):
        letter = run.letter("drawings", case.language, property_id=home.designation, message=message)
        receipt = cases.send_message(case_number, letter.subject, letter.text, files, once="ritningar")

    with run.step("Anteckna i ärendet"):
        withheld = len(found.drawings) - len(open_drawings)
        numbers = ", ".join(drawing.number for drawing in open_drawings)
        note = (
            f"{len(files)} ritningar för {home.designation} skickade till den sökande, kvittens {receipt}: {numbers}."
        )
        if withheld:
            note += f" {withheld} ritningar är sekretessmarkerade och skickades inte. Arkivarien prövar dem på begäran."
        cases.add_note(case_number, note, once="anteckning")

    with run.step("Avsluta ärendet"):
        cases.set_status(case_number, "Avslutat", once="avslut")
