"""Svara på en fråga om när avfallet hämtas."""

from collections.abc import Sequence
from datetime import date

from robots import BusinessException, CaseNumber, Cases, FacilityNumber, Run, task
from robots.systems import population_register, waste_collection


@task(title="Svara på fråga om hämtning", owner="Teknik och renhållning", saves_minutes=5)
def tell_waste_pickup(
    run: Run,
    case_number: CaseNumber,
    facility: FacilityNumber,
    *,
    cases: Cases.Writer,
    register: population_register.Reader,
    waste: waste_collection.Reader,
) -> None:
    """Svarar när kärlet hämtas nästa gång, när slamtanken töms och vad som är beställt däremellan."""
    with run.step("Kontrollera ärendet och den sökande"):
        case = cases.read(case_number)
        applicant = register.check_applicant(case.citizen, case_number)

    with run.step("Läs om anläggningen"):
        place = waste.facility(facility)
        stop_if_not_their_own(place, applicant)
        ordered = [order for order in waste.orders(facility) if not order.carried_out]
        stop_if_sludge_is_ordered(ordered, facility)
        stop_if_a_day_has_passed(place, ordered, run.today)

    with run.step("Skicka till den sökande"):
        letter = run.letter(
            "waste_pickup",
            case.language,
            facility=facility,
            next_pickup=place.next_pickup,
            week=place.next_pickup.isocalendar().week,
            next_emptying=place.next_ordinary_emptying,
            ordered=ordered,
            last_pickup=place.last_pickup,
            deviation=place.deviation,
            dispens=place.dispens,
        )
        receipt = cases.send_message(case_number, letter.subject, letter.text, [], once="besked")

    with run.step("Anteckna i ärendet"):
        cases.add_note(case_number, answer_note(place, ordered, receipt), once="anteckning")

    with run.step("Avsluta ärendet"):
        cases.set_status(case_number, "Avslutat", once="avslut")


def stop_if_not_their_own(place: waste_collection.Facility, applicant: population_register.Person) -> None:
    """Den som inte är kund får inte veta något om anläggningen, och inte heller den som läser ärendet."""
    if place.customer != applicant.personal_number:
        raise BusinessException(
            f"Anläggning {place.number} tillhör någon annan än den som ärendet gäller.",
            kind="Fel kund",
            todo="Kontrollera anläggningsnumret, och ta reda på om den sökande får fråga åt kunden.",
        )
    if place.protected:
        raise BusinessException(
            "Renhållningssystemet visar att kunden har skyddade personuppgifter.",
            kind="Skyddade personuppgifter",
            todo="Handlägg ärendet för hand enligt rutinen för skyddade personuppgifter.",
        )


def stop_if_sludge_is_ordered(ordered: Sequence[waste_collection.Order], facility: str) -> None:
    """Den som beställde kan ha sagt att den ordinarie tömningen utgår, och det står inte på anläggningens kort."""
    for order in ordered:
        if order.empties_tank:
            raise BusinessException(
                f"{order.service} är beställd för {facility}: {order.number}, senast {order.due}.",
                kind="Slamtömning är beställd",
                todo="Läs i beställningen om den ordinarie tömningen kvarstår, och svara den sökande.",
            )


def stop_if_a_day_has_passed(
    place: waste_collection.Facility, ordered: Sequence[waste_collection.Order], today: date
) -> None:
    """Det som skulle ha hämtats före i dag är antingen försenat eller inte inrapporterat."""
    days = (place.next_pickup, place.next_ordinary_emptying, *(order.due for order in ordered))
    passed = [day for day in days if day and day < today]
    if passed:
        raise BusinessException(
            f"Enligt systemet skulle {place.number} hämtas senast {min(passed)}, som har passerat.",
            kind="Hämtningen är försenad",
            todo="Fråga entreprenören när hämtningen kommer, och svara den sökande.",
        )


def answer_note(place: waste_collection.Facility, ordered: Sequence[waste_collection.Order], receipt: str) -> str:
    emptying = f", slamtanken töms {place.next_ordinary_emptying}" if place.has_tank else ""
    told = [f"Kärlet vid {place.number} hämtas {place.next_pickup}{emptying}."]
    told += [f"Beställning {order.number}: {order.service.lower()}, senast {order.due}." for order in ordered]
    if place.deviation:
        told.append(f"Avvikelse {place.last_pickup}: {place.deviation.lower()}.")
    if place.dispens:
        told.append(f"Dispens: {place.dispens.lower()}.")
    return f"Svarat om nästa hämtning, kvittens {receipt}. {' '.join(told)} Inget är beställt eller ändrat."
