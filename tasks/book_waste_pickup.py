"""Boka hämtning av ett missat kärl, eller en slamtömning utöver den ordinarie."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, Field, model_validator

from robots import (
    BusinessException,
    CaseNumber,
    Cases,
    Date,
    Describe,
    FacilityNumber,
    Run,
    YearTable,
    task,
    workdays_after,
)
from robots.systems import population_register, waste_collection

MISSED_BIN = "Missat kärl"
EXTRA_SLUDGE, URGENT_SLUDGE, PLANNED_SLUDGE = "Extra slamtömning", "Akut slamtömning", "Planerad slamtömning"


class SludgeSeason(YearTable):
    """När slam töms utöver den ordinarie tömningen, det år då tanken ska tömmas."""

    name = "sludge_season"
    urgent_workdays: int
    extra_workdays: int
    planned_weeks_ahead: int
    closed_from_week: int
    closed_to_week: int
    most_a_year: int


class Pickup(BaseModel):
    """Vad som ska hämtas, och det som chauffören behöver veta."""

    kind: Annotated[
        Literal["Missat kärl", "Extra slamtömning", "Akut slamtömning", "Planerad slamtömning"],
        Describe("Typ av hämtning"),
    ]
    day: Annotated[
        Date, Describe("Datum", "2026-11-24", "Dagen då kärlet inte tömdes, eller dagen då slammet ska tömmas.")
    ]
    price: Annotated[int, Describe("Pris i kronor", "0", "Det pris du har läst upp för den som ringer.")] = Field(
        0, ge=0
    )
    hose_metres: Annotated[int, Describe("Slanglängd i meter", "20", "Bara för slam.")] = Field(0, ge=0, le=100)
    light_lid: Annotated[bool, Describe("Locket väger högst 15 kg", hint="Bara för slam.")] = False
    free_way: Annotated[bool, Describe("Vägen är framkomlig", hint="Bara för slam.")] = False
    keep_ordinary: Annotated[bool, Describe("Ordinarie tömning kvarstår", hint="Bara för slam.")] = True

    @model_validator(mode="after")
    def sludge_needs_answers(self) -> "Pickup":
        if self.kind != MISSED_BIN and not (self.hose_metres and self.light_lid and self.free_way):
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
    """Bokar om en missad soptömning eller beställer en slamtömning åt den som hör av sig."""
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

    with run.step("Kontrollera vad som är bokat redan"):
        orders = waste.orders(facility)
        is_booked = any(run.has_made(order.reference) for order in orders)  # i ett försök som blev avbrutet sedan
        if not is_booked and pickup.kind == MISSED_BIN:
            stop_if_complained_already(orders, facility, pickup.day)
        elif not is_booked:
            season = run.table(SludgeSeason, pickup.day.year)
            stop_if_sludge_is_ordered_already(orders, facility, pickup, season)
            stop_if_not_in_season(pickup, season, run.today)

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
                keep_ordinary=pickup.keep_ordinary,
                urgent=pickup.kind == URGENT_SLUDGE,
                message="",
                once="bokning",
            )

    with run.step("Anteckna i ärendet"):
        cases.add_note(case_number, booking_note(pickup, facility, receipt), once="anteckning")

    with run.step("Avsluta ärendet"):
        cases.set_status(case_number, "Avslutat", once="avslut")


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
    if kind != MISSED_BIN and not place.has_tank:
        raise BusinessException(
            f"Anläggning {place.number} har ingen slamtank.",
            kind="Ingen slamtank",
            todo="Kontrollera anläggningsnumret med den sökande.",
        )


def stop_if_complained_already(orders: Sequence[waste_collection.Order], facility: str, missed_on: date) -> None:
    """En anmälan för varje anläggning och dag: det som beställdes efter den missade dagen gäller redan den."""
    for order in orders:
        if order.service == waste_collection.MISSED_BIN and not order.carried_out:
            raise already_booked(order, facility)
        if order.service == waste_collection.MISSED_BIN and order.due >= missed_on:
            raise BusinessException(
                f"Det missade kärlet hos {facility} är redan hämtat: beställning {order.number}, senast {order.due}.",
                kind="Redan anmält",
                todo="Ta reda på om kärlet har missats igen, och vilken dag.",
            )


def stop_if_sludge_is_ordered_already(
    orders: Sequence[waste_collection.Order], facility: str, pickup: Pickup, season: SludgeSeason
) -> None:
    """En tank ska inte ha två tömningar som väntar. En akut nekas aldrig för att året redan har haft många."""
    sludge = [order for order in orders if order.empties_tank]
    for order in sludge:
        if not order.carried_out:
            raise already_booked(order, facility)
    this_year = [order.number for order in sludge if order.due.year == pickup.day.year]
    if pickup.kind != URGENT_SLUDGE and len(this_year) >= season.most_a_year:
        raise BusinessException(
            f"{facility} har redan fått {len(this_year)} tömningar utöver de ordinarie {pickup.day.year}: "
            f"{', '.join(this_year)}.",
            kind="För många slamtömningar",
            todo="Ta reda på varför tanken blir full, och avgör om den ska tömmas igen.",
        )


def already_booked(order: waste_collection.Order, facility: str) -> BusinessException:
    return BusinessException(
        f"{order.service} är redan beställd för {facility}: {order.number}, senast {order.due}.",
        kind="Redan bokad",
        todo="Berätta för den sökande när hämtningen kommer.",
    )


def stop_if_not_in_season(pickup: Pickup, season: SludgeSeason, today: date) -> None:
    """Dagen ska gå att köra. En planerad tömning beställs av en person, som får veta att dagen går bra."""
    if pickup.kind == PLANNED_SLUDGE:
        stop_planned_sludge(pickup.day, season, today)
    workdays = season.urgent_workdays if pickup.kind == URGENT_SLUDGE else season.extra_workdays
    last = workdays_after(today, workdays)
    if not today <= pickup.day <= last:
        raise BusinessException(
            f"{pickup.kind} görs senast {last}. Önskad dag är {pickup.day}.",
            kind="Dagen går inte att boka",
            todo="Kom överens med den sökande om en annan dag, eller planera tömningen.",
        )


def stop_planned_sludge(day: date, season: SludgeSeason, today: date) -> None:
    first, week = today + timedelta(weeks=season.planned_weeks_ahead), day.isocalendar().week
    if season.closed_from_week <= week <= season.closed_to_week:
        raise BusinessException(
            f"Slamtömning planeras inte vecka {season.closed_from_week}–{season.closed_to_week}. "
            f"Önskad dag {day} är i vecka {week}.",
            kind="Stängda veckor",
            todo="Kom överens med den sökande om en annan vecka.",
        )
    if day < first:
        raise BusinessException(
            f"En planerad slamtömning beställs {season.planned_weeks_ahead} veckor i förväg, nu tidigast till {first}. "
            f"Önskad dag är {day}.",
            kind="För nära i tiden",
            todo="Kom överens med den sökande om en senare dag, eller om en extra tömning.",
        )
    raise BusinessException(
        f"Den sökande vill ha en planerad slamtömning {day}, vecka {week}. Dagen går bra enligt reglerna.",
        kind="Planerad slamtömning",
        todo="Beställ tömningen hos entreprenören, och bekräfta dagen för den sökande.",
    )


def booking_note(pickup: Pickup, facility: str, receipt: str) -> str:
    when = f"{pickup.day:%Y-%m-%d}"
    if pickup.kind == MISSED_BIN:
        return (
            f"Ny hämtning bokad för {facility} efter missad tömning {when}. Beställning {receipt}, {pickup.price} kr."
        )
    ordinary = "kvarstår" if pickup.keep_ordinary else "utgår"
    return (
        f"{pickup.kind} beställd för {facility}, önskat datum {when}. Beställning {receipt}, {pickup.price} kr. "
        f"Ordinarie tömning {ordinary}. Slanglängd {pickup.hose_metres} m, locket väger högst 15 kg, "
        "vägen är framkomlig."
    )
