"""Skicka ritningar till den som frågar."""

from collections.abc import Sequence

from robots import BusinessException, CaseNumber, Cases, LongText, PropertyDesignation, Run, YearTable, task
from robots.systems import building_permits, detail_plan_map, drawing_archive, population_register

Drawing = drawing_archive.Drawing | building_permits.Drawing


class OrdinaryBuildings(YearTable):
    """Kartans fastighetstyper som aldrig är skyddsobjekt."""

    name = "ordinary_buildings"
    kinds: tuple[str, ...]


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
    permits: building_permits.Reader | None,
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
        newer = newer_drawings(run, home, permits, is_in_archive=bool(found.drawings)) if permits else ()
        drawings: list[Drawing] = [*found.drawings, *newer]
        if not drawings:
            searched = "Arkivet och byggärendena" if permits else "Arkivet"
            raise BusinessException(
                f"{searched} har inga ritningar för {home.designation}.",
                kind="Inga ritningar i arkivet",
                todo="Sök i pappersarkivet och svara den sökande.",
            )
        open_drawings = [drawing for drawing in drawings if not drawing.secret]
        if not open_drawings:
            raise BusinessException(
                f"Alla {len(drawings)} ritningar för {home.designation} är sekretessmarkerade.",
                kind="Sekretess på ritningarna",
                todo="Be arkivarien pröva om ritningarna kan lämnas ut.",
            )
        files = [archive.download(drawing) for drawing in found.drawings if not drawing.secret]
        files += [permits.download(drawing) for drawing in newer if permits and not drawing.secret]

    with run.step("Skicka till den sökande"):
        letter = run.letter("drawings", case.language, property_id=home.designation, message=message)
        receipt = cases.send_message(case_number, letter.subject, letter.text, files, once="ritningar")

    with run.step("Anteckna i ärendet"):
        withheld = len(drawings) - len(open_drawings)
        numbers = ", ".join(drawing.number for drawing in open_drawings)
        note = (
            f"{len(files)} ritningar för {home.designation} skickade till den sökande, kvittens {receipt}: {numbers}."
        )
        if permits:
            note += f" Ur byggärendena kommer {sum(not drawing.secret for drawing in newer)} av dem."
        if withheld:
            note += f" {withheld} ritningar är sekretessmarkerade och skickades inte. Arkivarien prövar dem på begäran."
        cases.add_note(case_number, note, once="anteckning")

    with run.step("Avsluta ärendet"):
        cases.set_status(case_number, "Avslutat", once="avslut")


def newer_drawings(
    run: Run, home: detail_plan_map.PropertyCard, permits: building_permits.Reader, *, is_in_archive: bool
) -> Sequence[building_permits.Drawing]:
    """Ritningar som är för nya för arkivet. Vad som är ett skyddsobjekt vet bara arkivet, om det har något därifrån."""
    ordinary = run.table(OrdinaryBuildings, run.today.year)
    if not is_in_archive and home.kind not in ordinary.kinds:
        raise BusinessException(
            f"Arkivet har inget om fastigheten, som enligt kartan är {home.kind} och kan vara ett skyddsobjekt.",
            kind="Skyddsobjekt",
            todo="Kontakta arkivarien innan något lämnas ut.",
        )
    newer = permits.drawings_of(home.designation)
    for number in sorted({drawing.case for drawing in newer}):
        if permits.case(number).protected:
            raise BusinessException(
                f"En part i ärendet {number} har skyddade personuppgifter.",
                kind="Skyddade personuppgifter i bygglovet",
                todo="Svara för hand enligt rutinen för skyddade personuppgifter.",
            )
    return newer
