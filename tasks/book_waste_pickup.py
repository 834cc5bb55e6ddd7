"""Boka hämtning av ett missat kärl, eller en extra slamtömning."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, model_validator

from robots import BusinessException, CaseNumber, Cases, Date, Describe, FacilityNumber, Run, task
from robots.systems import population_register, waste_collection

MISSED_BIN, EXTRA_SLUDGE = "Missat kärl", "Extra slamtömning"


class Pickup(BaseModel):
    """Vad som ska hämtas, och det som chauffören behöver veta."""

    kind: Annotated[Literal["Missat kärl", "Extra slamtömning"], Describe("Typ av hämtning")]
    day: Annotated[
        Date, Describe("Datum", "2026-11-24", "Dagen då kärlet inte tömdes, eller dagen då slammet ska tömmas.")
    ]
    price: Annotated[int, Describe("Pris i kronor", "0", "Det pris du har läst upp för den som ringer.")] = Field(
        0, ge=0
    )
    hose_metres: Annotated[int, Describe("Slanglängd i meter", "20", "Bara för slam.")] = Field(0, ge=0, le=100)
    light_lid: Annotated[bool, Describe("Locket väger högst 15 kg", hint="Bara för slam.")] = False
    free_way: Annotated[bool, Describe("Vägen är framkomlig", hint="Bara för slam.")] = False

    @model_validator(mode="after")
    def sludge_needs_answers(self) -> "Pickup":
        if self.kind == EXTRA_SLUDGE and not (self.hose_metres and self.light_lid and self.free_way):
            raise ValueError(
                "Fråga om slanglängd, lockets vikt och framkomlighet innan slamtömning bokas. "
                "Är locket för tungt eller vägen stängd kan tömningen inte bokas."
            )
        return self


@task(title="Boka hämtning av avfall", owner="Teknik och renhållning", saves_minutes=8)
def book_waste_pickup(
    run: Run,
    case_number: CaseNumber,
    facility: FacilityNumber,
    pickup: Pickup,
    *,
    cases: Cases.Writer,
    register: population_register.Reader,
    waste: waste_collection.Writer,
) -> None:
    """Bokar om en missad soptömning eller beställer en extra slamtömning åt den som hör av sig."""
    with run.step("Kontrollera ärendet och den sökande"):
        case = cases.read(case_number)
        register.check_applicant(case.citizen, case_number)

    with run.step("Kontrollera anläggningen"):
        place = waste.facility(facility)
        if place.customer != case.citizen:
            raise BusinessException(
                f"Anläggning {facility} tillhör någon annan än den som ärendet gäller.",
                kind="Fel kund",
                todo="Ta reda på om den sökande får beställa åt kunden.",
            )
        stop_if_not_bookable(place, pickup.kind)

    with run.step("Kontrollera att inget är bokat redan"):
        for order in waste.open_orders(facility):
            is_other = not run.has_made(order.reference)  # körningen kan ha blivit avbruten efter sin egen bokning
            if order.service == waste_collection.SERVICES[pickup.kind] and is_other:
                raise BusinessException(
                    f"{order.service} är redan beställd för {facility}: {order.number}, senast {order.due}.",
                    kind="Redan bokad",
                    todo="Berätta för den sökande när hämtningen kommer.",
                )

    with run.step("Boka hämtningen"):
        if pickup.kind == MISSED_BIN:
            receipt = waste.order_missed_bin(facility, pickup.day, pickup.price, "", once="bokning")
        else:
            receipt = waste.order_sludge(
                facility,
                pickup.day,
                pickup.price,
                hose_metres=pickup.hose_metres,
                light_lid=pickup.light_lid,
                free_way=pickup.free_way,
                message="",
                once="bokning",
            )

    with run.step("Anteckna i ärendet"):
        cases.add_note(case_number, booking_note(pickup, facility, receipt), once="anteckning")


def stop_if_not_bookable(place: waste_collection.Facility, kind: str) -> None:
    """De lägen där en person måste ta över, i den ordning de prövas."""
    if place.blocked:
        raise BusinessException(
            f"Kunden till anläggning {place.number} är spärrad.",
            kind="Spärrad kund",
            todo="Hänvisa den sökande till kundtjänst för fakturor.",
        )
    if place.dispens:
        raise BusinessException(
            f"Anläggning {place.number} har dispens: {place.dispens}.",
            kind="Dispens",
            todo="Kontrollera om dispensen ska upphöra innan något bokas.",
        )
    if place.island:
        raise BusinessException(
            f"Anläggning {place.number} ligger på en ö utan fast förbindelse.",
            kind="Ö utan fast förbindelse",
            todo="Kontakta entreprenören om färja och dag.",
        )
    if kind == MISSED_BIN and place.deviation:
        raise BusinessException(
            f"Chauffören har noterat en avvikelse: {place.deviation}.",
            kind="Avvikelse vid hämtningen",
            todo="Förklara avvikelsen och erbjud en extra hämtning mot avgift.",
        )
    if kind == EXTRA_SLUDGE and not place.has_tank:
        raise BusinessException(
            f"Anläggning {place.number} har ingen slamtank.",
            kind="Ingen slamtank",
            todo="Kontrollera anläggningsnumret med den sökande.",
        )


def booking_note(pickup: Pickup, facility: str, receipt: str) -> str:
    when = f"{pickup.day:%Y-%m-%d}"
    if pickup.kind == MISSED_BIN:
        return (
            f"Ny hämtning bokad för {facility} efter missad tömning {when}. Beställning {receipt}, {pickup.price} kr."
        )
    return (
        f"Extra slamtömning beställd för {facility}, önskat datum {when}. Beställning {receipt}, {pickup.price} kr. "
        f"Ordinarie tömning kvarstår. Slanglängd {pickup.hose_metres} m, locket väger högst 15 kg, vägen är framkomlig."
    )
