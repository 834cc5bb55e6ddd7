"""Anmäl ett fel på gator, belysning och parker."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from robots import (
    Attachment,
    BusinessException,
    Case,
    CaseNumber,
    Cases,
    Describe,
    Run,
    StreetAddress,
    YearTable,
    task,
)
from robots.systems import fault_reports

ROAD, LIGHT, PARK, LITTER = "Gata och väg", "Belysning", "Park och lekplats", "Klotter och skräp"
# Grupp och kategori i Felanmälan. Bara det som den som sköter vägen lagar hör till en väghållare.
CATEGORIES = {
    leaf: fault_reports.Category(group, leaf)
    for group, leaves in {
        ROAD: ("Hål i vägen", "Halka", "Skylt", "Träd eller annat hinder på vägen", "Brunnslock saknas"),
        LIGHT: ("Gatlampa lyser inte", "Kabel hänger ner"),
        PARK: ("Full papperskorg", "Trasig lekutrustning"),
        LITTER: ("Klotter", "Nedskräpning"),
    }.items()
    for leaf in leaves
}
OF_THE_ROAD = (ROAD, LIGHT)
DANGERS = ("Träd eller annat hinder på vägen", "Brunnslock saknas", "Kabel hänger ner")
OTHER, NO_PHOTO, WITH_PHOTO = "Något annat", "Ingen bild", "Bild utan personer"
PERSONS_ON_PHOTO, PHOTO_LEFT_OUT = "Bild där personer syns", "Bild som inte ska med"
PHOTOS_LEFT = " Bilagorna ligger kvar i ärendet och är inte skickade vidare."
SUFFIXES = dict(zip(fault_reports.PHOTO_TYPES, ("jpg", "png"), strict=True))


class SameFault(YearTable):
    """När två anmälningar gäller samma fel, det år då felet anmäls igen."""

    name = "same_fault"
    near_metres: Annotated[int, Field(ge=0, le=50)]  # längre bort visar Felanmälan inget
    near_days: Annotated[int, Field(ge=0, le=14)]


class Fault(BaseModel):
    """Vad som är fel, och var."""

    kind: Annotated[
        Literal[
            "Hål i vägen",
            "Halka",
            "Skylt",
            "Träd eller annat hinder på vägen",
            "Brunnslock saknas",
            "Gatlampa lyser inte",
            "Kabel hänger ner",
            "Full papperskorg",
            "Trasig lekutrustning",
            "Klotter",
            "Nedskräpning",
            "Något annat",
        ],
        Describe("Vad som är fel"),
    ]
    address: Annotated[StreetAddress | None, Describe("Var felet är")] = None
    danger: Annotated[bool, Describe("Någon kan skadas", hint="Svara ja om felet är en fara just nu.")] = False
    photo: Annotated[
        Literal["Ingen bild", "Bild utan personer", "Bild där personer syns", "Bild som inte ska med"],
        Describe("Bild i ärendet", hint="Titta på bilderna först. Bilder utan personer skickas med anmälan."),
    ] = "Ingen bild"
    description: Annotated[str, Describe("Beskrivning", hint="Skriv inga namn eller telefonnummer.", long=True)] = ""


@task(title="Anmäl fel", owner="Teknik", saves_minutes=6)
def report_fault(
    run: Run,
    case_number: CaseNumber,
    fault: Fault,
    *,
    cases: Cases.Writer,
    reports: fault_reports.Writer,
) -> None:
    """Anmäler ett fel till den som lagar det, eller berättar att det är anmält eller att någon annan sköter vägen."""
    with run.step("Kontrollera om felet är farligt"):
        stop_if_dangerous(fault)

    with run.step("Kontrollera ärendet"):
        case = cases.read(case_number)
        stop_if_a_person_must_report(case, fault)
        where, category = known_address(fault), CATEGORIES[fault.kind]

    with run.step("Leta upp platsen"):
        place = reports.place_at(where)
        around = reports.around(place)

    with run.step("Leta efter samma fel"):
        rules = run.table(SameFault, run.today.year)
        known = same_fault(run, reports, category, near_enough(around.nearby, rules, run.today))

    about = {"fault": fault.kind, "address": where}
    left = "" if fault.photo == NO_PHOTO else PHOTOS_LEFT
    if not around.own_road and category.group in OF_THE_ROAD:
        letter = run.letter("fault_other_owner", case.language, owner=around.road_owner, **about)
        done = f"Inte anmält: {around.road_owner} är väghållare vid {where}, och den sökande är hänvisad dit.{left}"
    elif known:
        letter = run.letter("fault_known", case.language, number=known.number, made=known.made, **about)
        done = f"Inte anmält igen: {fault.kind.lower()} vid {where} är redan anmält som {known.number}.{left}"
    else:
        with run.step("Hämta bilderna"):
            attached = cases.attachments_of(case_number)
            photos = [cases.download_attachment(case_number, each) for each in photos_to_send(fault, attached)]
            for photo in photos:
                stop_unless_picture(photo.name, photo.type)
            # Vad medborgaren har döpt sin fil till angår inte den som lagar felet.
            photos = [replace(photo, name=f"bild {n}.{SUFFIXES[photo.type]}") for n, photo in enumerate(photos, 1)]

        with run.step("Anmäl felet"):
            number = reports.report_fault(
                place, category, words_of_report(fault, where), photos=photos, once="felanmälan"
            )
        letter = run.letter("fault_reported", case.language, number=number, **about)
        done = f"Anmält som {number}: {fault.kind.lower()} vid {where}.{told_of_photos(len(attached), len(photos))}"

    with run.step("Svara den sökande"):
        receipt = cases.send_message(case_number, letter.subject, letter.text, [], once="svar")

    with run.step("Anteckna i ärendet"):
        cases.add_note(case_number, f"{done} Svar skickat, kvittens {receipt}.", once="anteckning")

    with run.step("Avsluta ärendet"):
        cases.set_status(case_number, "Avslutat", once="avslut")


def stop_if_dangerous(fault: Fault) -> None:
    """En fara är för telefonen. Det prövas före allt annat, så att ingen väntar på ett system."""
    if fault.danger or fault.kind in DANGERS:
        raise BusinessException(
            f"Fara för liv eller hälsa: {fault.kind.lower()} vid {fault.address or 'okänd plats'}. "
            "Roboten har inte anmält felet.",
            kind="Fara",
            todo="Ring jouren nu. Anmäl sedan felet, och skriv vem på jouren som fick veta.",
        )


def stop_if_a_person_must_report(case: Case, fault: Fault) -> None:
    """Den som anmäler kontrolleras inte mot befolkningsregistret: vem som helst får anmäla ett fel."""
    if case.protected:
        raise BusinessException(
            "Den sökande har skyddade personuppgifter.",
            kind="Skyddade personuppgifter",
            todo="Handlägg ärendet för hand enligt rutinen för skyddade personuppgifter.",
        )
    if fault.photo == PERSONS_ON_PHOTO:
        raise BusinessException(
            "Personer syns på bilden till felanmälan.",
            kind="Personer på bilden",
            todo="Gör personerna oigenkännliga eller ta bort bilden, och anmäl felet.",
        )
    if fault.kind == OTHER:
        raise BusinessException(
            "Felet hör inte till någon kategori som roboten känner.",
            kind="Kategorin är oklar",
            todo="Läs vad den sökande har skrivit, och anmäl felet i rätt kategori.",
        )


def known_address(fault: Fault) -> StreetAddress:
    if fault.address is None:
        raise BusinessException(
            "Det är inte ifyllt var felet är.",
            kind="Platsen är okänd",
            todo="Fråga den som anmäler var felet är, och sätt ut platsen på kartan.",
        )
    return fault.address


def near_enough(nearby: tuple[fault_reports.Nearby, ...], rules: SameFault, today: date) -> list[fault_reports.Nearby]:
    """De anmälningar som ligger så nära, i meter och i dagar, att de kan gälla samma fel."""
    return [each for each in nearby if each.metres <= rules.near_metres and (today - each.made).days <= rules.near_days]


def same_fault(
    run: Run, reports: fault_reports.Reader, category: fault_reports.Category, nearby: list[fault_reports.Nearby]
) -> fault_reports.Report | None:
    """Den närmaste anmälan i samma kategori som någon annan har gjort. Körningen kan ha avbrutits efter sin egen."""
    for each in nearby:
        report = reports.report(each.number)
        if report.category == category and not run.has_made(report.reference):
            return report
    return None


def photos_to_send(fault: Fault, attached: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    """Bilagorna i ärendet, om en människa har sett att ingen syns på dem. Prövas innan någon av dem hämtas."""
    if fault.photo == PHOTO_LEFT_OUT:
        return ()
    if fault.photo == NO_PHOTO and attached:
        raise BusinessException(
            f"Ärendet har {_counted(len(attached), 'bilaga', 'bilagor')}, men ingen har svarat på om personer syns.",
            kind="Bilden är inte granskad",
            todo="Titta på bilagorna, och starta uppgiften igen med svaret.",
        )
    if fault.photo == WITH_PHOTO and not attached:
        raise BusinessException(
            "Det är ifyllt att ärendet har en bild, men det har ingen bilaga.",
            kind="Bilden saknas",
            todo="Be den som anmäler om bilden, eller starta uppgiften igen utan den.",
        )
    if len(attached) > fault_reports.MOST_PHOTOS:
        raise BusinessException(
            f"Ärendet har {len(attached)} bilagor. Felanmälan tar emot högst {fault_reports.MOST_PHOTOS} bilder.",
            kind="För många bilder",
            todo="Välj ut bilderna, och anmäl felet med dem.",
        )
    for photo in attached:
        if photo.size > fault_reports.LARGEST_PHOTO:
            raise BusinessException(
                f"Bilden {photo.name} är {photo.size / 1e6:.1f} MB. "
                f"Felanmälan tar emot högst {fault_reports.LARGEST_PHOTO / 1e6:.0f} MB.",
                kind="För stor bild",
                todo="Gör bilden mindre, och anmäl felet med den.",
            )
    return attached


def stop_unless_picture(name: str, kind: str) -> None:
    """``kind`` är vad filens innehåll säger att den är; namnet kan säga vad som helst."""
    if kind not in fault_reports.PHOTO_TYPES:
        raise BusinessException(
            f"Bilagan {name} är ingen hel bild i JPEG eller PNG, vad den än heter.",
            kind="Bilagan är ingen bild",
            todo="Öppna inte bilagan förrän it har kontrollerat den. Anmäl felet utan den, eller med en ny bild.",
        )


def told_of_photos(attached: int, sent: int) -> str:
    """Vad anteckningen säger om bilderna: de som är skickade, eller att de ligger kvar."""
    if sent:
        return f" {_counted(sent, 'bild skickad', 'bilder skickade')} med anmälan."
    return PHOTOS_LEFT if attached else ""


def words_of_report(fault: Fault, where: StreetAddress) -> str:
    """Det som den som lagar felet läser. Vem som har anmält står bara i ärendet."""
    return " ".join(part for part in (f"{fault.kind} vid {where}.", fault.description.strip()) if part)


def _counted(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
