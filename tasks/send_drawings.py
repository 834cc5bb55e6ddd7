"""Skicka ritningar till den som frågar."""

from robots import BusinessException, CaseNumber, Cases, LongText, PropertyDesignation, Run, task
from robots.systems import drawing_archive


@task(title="Skicka ritningar", owner="Samhällsbyggnad", saves_minutes=12)
def send_drawings(
    run: Run,
    case_number: CaseNumber,
    property_id: PropertyDesignation,
    message: LongText = "Här kommer ritningarna du bad om.",
    *,
    archive: drawing_archive.Reader,
    cases: Cases.Writer,
) -> None:
    """Tar ut en fastighets ritningar ur arkivet och skickar dem till den sökande."""
    with run.step("Hämta ritningarna"):
        holdings = archive.holdings(property_id)
        if not holdings.drawings:
            raise BusinessException(f"Arkivet har inga ritningar för {property_id}", todo="Sök i pappersarkivet")
        files = [archive.download(d) for d in holdings.drawings if not d.secret]

    with run.step("Skicka till den sökande"):
        receipt = cases.send_message(case_number, "Ritningar", message, files, once="ritningar")

    with run.step("Anteckna i ärendet"):
        cases.add_note(case_number, f"{len(files)} ritningar skickade, kvittens {receipt}", once="anteckning")
