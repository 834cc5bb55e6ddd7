"""Registrera ett konsumentärende, hänvisa rätt och svara konsumenten."""

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, Field, model_validator

from robots import (
    BusinessException,
    CaseNumber,
    Cases,
    Describe,
    OrganisationNumber,
    PersonalNumber,
    Run,
    YearTable,
    task,
)
from robots.systems import consumer_matters, population_register

WITHDRAW, GOODS, SERVICE = "Ångra ett köp på distans", "Fel i en vara", "Fel i en tjänst"
INVOICE, SMS, OTHER = "Falsk faktura", "Bluff via sms", "Något annat"
# Ärendetyp och underkategori i Konsumentärenden.
KINDS = {
    WITHDRAW: ("Distansavtal", "Ångerrätt"),
    GOODS: ("Reklamation", "Fel i vara"),
    SERVICE: ("Reklamation", "Fel i tjänst"),
    INVOICE: ("Bluffaktura", "Falsk faktura"),
    SMS: ("Bluffaktura", "Bluff via sms"),
}
TOLD = {
    consumer_matters.ARN: "ARN prövar tvisten utan avgift när företaget har sagt nej eller inte svarar.",
    consumer_matters.POLICE: "En falsk faktura ska bestridas och kan polisanmälas.",
    consumer_matters.BLUFF_SMS: "Bluff-sms skickas vidare till 7726 innan det raderas.",
}

About = consumer_matters.Matter | consumer_matters.NewMatter


class ConsumerRights(YearTable):
    """Konsumentens tider enligt lagen, det år då köpet gjordes."""

    name = "consumer_rights"
    withdraw_days: int
    complain_years: int


class DisputeBoard(YearTable):
    """Vad Allmänna reklamationsnämnden (ARN) tar upp, det år då konsumenten hänvisas dit."""

    name = "dispute_board"
    least_kronor: int


class Purchase(BaseModel):
    """Köpet, om konsumenten inte har fyllt i e-tjänsten själv."""

    company: Annotated[str, Describe("Företag", "Fyndkajen Handel AB", "Bara om e-tjänsten inte är ifylld.")] = ""
    company_number: OrganisationNumber | None = None
    bought_on: Annotated[date | None, Describe("Köpdag", "2026-11-12", "Skriv datumet som ÅÅÅÅ-MM-DD.")] = None
    amount: Annotated[int, Describe("Belopp i kronor", "1890")] = Field(0, ge=0)
    buyer: Annotated[Literal["Privatperson", "Företag"], Describe("Köpare")] = "Privatperson"
    wish: Annotated[
        Literal[
            "Veta vilka rättigheter jag har",
            "Skriva till företaget",
            "Anmäla en bluff",
            "Få värdet eller chansen att vinna bedömd",
        ],
        Describe("Konsumenten vill"),
    ] = "Veta vilka rättigheter jag har"
    description: Annotated[str, Describe("Vad som har hänt", hint="Inga skulder och ingen hälsa.", long=True)] = ""

    @model_validator(mode="after")
    def is_whole_or_empty(self) -> "Purchase":
        told = (self.company, self.company_number, self.bought_on, self.amount, self.description)
        if any(told) and not all(told):
            raise ValueError(
                "Fyll i företag, organisationsnummer, köpdag, belopp och vad som har hänt, "
                "eller lämna dem tomma om konsumenten har fyllt i e-tjänsten."
            )
        return self


@task(title="Registrera konsumentärende", owner="Kontaktcenter", saves_minutes=15)
def register_consumer_matter(
    run: Run,
    case_number: CaseNumber,
    kind: Annotated[
        Literal[
            "Ångra ett köp på distans",
            "Fel i en vara",
            "Fel i en tjänst",
            "Falsk faktura",
            "Bluff via sms",
            "Något annat",
        ],
        Describe("Vad ärendet gäller"),
    ],
    purchase: Purchase,
    *,
    cases: Cases.Writer,
    register: population_register.Reader,
    matters: consumer_matters.Writer,
) -> None:
    """Registrerar och klassificerar ett konsumentärende, hänvisar dit tvisten hör hemma och skickar ett brev."""
    with run.step("Kontrollera ärendet och konsumenten"):
        case = cases.read(case_number)
        consumer = register.check_applicant(case.citizen, case_number).personal_number
        stop_if_unclear(kind)

    with run.step("Läs om köpet"):
        number = matters.find_matter(case_number)
        about: About
        if number:
            about = matters.matter(number)
            stop_if_not_the_same(about, consumer, kind, purchase)
        else:
            about = told_on_the_phone(purchase, consumer, kind, case_number)
        stop_if_a_person_must_advise(about)
        rights = run.table(ConsumerRights, bought_on(about).year)
        stop_if_too_late(about, kind, rights, run.today)

    with run.step("Registrera och klassificera"):
        if isinstance(about, consumer_matters.NewMatter):
            number = matters.register(about, once="registrering")
        else:
            number = about.number
            matters.classify(number, *KINDS[kind], "Så har konsumenten beskrivit det.", once="klassificering")

    with run.step("Hänvisa konsumenten"):
        board = run.table(DisputeBoard, run.today.year)
        where = referred_to(kind, about.amount, board)
        if where:
            matters.refer(number, where, TOLD[where], once="hänvisning")

    with run.step("Skicka brev till konsumenten"):
        told = {"company": about.company, "bought_on": bought_on(about), "where": where}
        last_day = last_day_of_right(kind, bought_on(about), rights)
        if kind == WITHDRAW:
            letter = run.letter(
                "consumer_withdrawal", case.language, days=rights.withdraw_days, last_day=last_day, **told
            )
        elif kind in (GOODS, SERVICE):
            letter = run.letter(
                "consumer_complaint", case.language, years=rights.complain_years, last_day=last_day, **told
            )
        else:
            letter = run.letter("consumer_scam", case.language, **told)
        channel = channel_to(run, matters, number)
        receipt = matters.send_letter(number, letter.subject, letter.text, channel=channel, once="brev")

    with run.step("Anteckna i ärendet"):
        cases.add_note(case_number, matter_note(number, kind, where, receipt, channel), once="anteckning")

    with run.step("Avsluta ärendet"):
        cases.set_status(case_number, "Avslutat", once="avslut")


def stop_if_unclear(kind: str) -> None:
    """Roboten klassificerar bara det som den som startar den har valt."""
    if kind == OTHER:
        raise BusinessException(
            "Ärendet är av en typ som roboten inte klassificerar.",
            kind="Ärendetypen är oklar",
            todo="Läs vad konsumenten har skrivit, klassificera ärendet och svara.",
        )


def told_on_the_phone(
    purchase: Purchase, consumer: PersonalNumber, kind: str, case_number: str
) -> consumer_matters.NewMatter:
    """Det som ska registreras när konsumenten inte har fyllt i e-tjänsten."""
    if not (purchase.company_number and purchase.bought_on):
        raise BusinessException(
            "Konsumenten har inte fyllt i e-tjänsten, och det är inte ifyllt vad köpet gäller.",
            kind="Köpet är inte beskrivet",
            todo="Fråga konsumenten om företaget, köpdagen och beloppet, och registrera ärendet.",
        )
    return consumer_matters.NewMatter(
        consumer=consumer,
        company=purchase.company,
        company_number=purchase.company_number,
        bought_on=purchase.bought_on,
        amount=purchase.amount,
        kind=KINDS[kind][0],
        detail=KINDS[kind][1],
        wish=purchase.wish,
        description=f"{purchase.description} (ärende {case_number})",
        buyer=purchase.buyer,
    )


def stop_if_not_the_same(
    matter: consumer_matters.Matter, consumer: PersonalNumber, kind: str, purchase: Purchase
) -> None:
    """E-tjänstens ärende ska höra till samma person och samma köp, och ingen ska ha börjat på det."""
    if matter.protected:
        raise BusinessException(
            "Konsumenten har skyddade personuppgifter i Konsumentärenden.",
            kind="Skyddade personuppgifter",
            todo="Handlägg ärendet för hand enligt rutinen för skyddade personuppgifter.",
        )
    if matter.consumer != consumer:
        raise BusinessException(
            f"Konsumentärendet {matter.number} gäller någon annan än den sökande.",
            kind="Fel konsument",
            todo="Kontrollera vem som har köpt, och om den sökande får företräda konsumenten.",
        )
    if purchase.company and purchase.company != matter.company:
        raise BusinessException(
            f"Konsumentärendet {matter.number} gäller {matter.company}, inte {purchase.company}.",
            kind="Ett annat köp",
            todo="Ta reda på om det är två köp, och registrera det andra för sig.",
        )
    if matter.status == consumer_matters.CLOSED:
        raise BusinessException(
            f"Konsumentärendet {matter.number} är avslutat.",
            kind="Konsumentärendet är avslutat",
            todo="Läs vad som är gjort, och svara konsumenten.",
        )
    if matter.classified and (matter.kind, matter.detail) != KINDS[kind]:
        raise BusinessException(
            f"Konsumentärendet {matter.number} är redan klassificerat som {matter.kind}, {matter.detail}.",
            kind="Redan klassificerat",
            todo="Läs vad som är gjort, och avgör hur ärendet ska klassificeras.",
        )


def stop_if_a_person_must_advise(about: About) -> None:
    """Det som en konsumentvägledare svarar på, eller ingen i kommunen."""
    if about.buyer == consumer_matters.COMPANY:
        raise BusinessException(
            f"Köparen är ett företag: köpet från {about.company} är inte för privat bruk.",
            kind="Köparen är ett företag",
            todo="Förklara att konsumentvägledningen bara gäller privata köp.",
        )
    if about.wish == consumer_matters.VALUE_JUDGEMENT:
        raise BusinessException(
            "Konsumenten vill få värdet eller chansen att vinna bedömd.",
            kind="Vill ha en bedömning",
            todo="Förklara att kommunen inte bedömer det, och berätta vad konsumenten kan göra.",
        )
    if about.bought_on is None:
        raise BusinessException(
            "Konsumentärendet har ingen köpdag.",
            kind="Köpdagen saknas",
            todo="Fråga konsumenten när köpet gjordes.",
        )


def stop_if_too_late(about: About, kind: str, rights: ConsumerRights, today: date) -> None:
    """När tiden kan ha gått ut beror svaret på sådant som bara en människa kan väga."""
    last_day = last_day_of_right(kind, bought_on(about), rights)
    if last_day is None or today <= last_day:
        return
    if kind == WITHDRAW:
        raise BusinessException(
            f"Ångerfristen gick ut {last_day}, räknat från köpet {about.bought_on}.",
            kind="Ångerfristen kan ha gått ut",
            todo="Ta reda på när varan kom och vad företaget har upplyst om, och svara konsumenten.",
        )
    raise BusinessException(
        f"Köpet gjordes {about.bought_on}, och tiden att reklamera gick ut {last_day}.",
        kind="Köpet är för gammalt",
        todo="Ta reda på när felet visade sig och när konsumenten klagade, och svara konsumenten.",
    )


def last_day_of_right(kind: str, bought: date, rights: ConsumerRights) -> date | None:
    """Sista dagen att ångra köpet eller att reklamera, räknat från köpet; None för det som är en bluff."""
    if kind == WITHDRAW:
        return bought + timedelta(days=rights.withdraw_days)
    if kind in (GOODS, SERVICE):
        is_leap_day = (bought.month, bought.day) == (2, 29)
        return bought.replace(year=bought.year + rights.complain_years, day=28 if is_leap_day else bought.day)
    return None


def referred_to(kind: str, amount: int, board: DisputeBoard) -> str:
    """Vart konsumenten hänvisas, "" när det inte finns någonstans att hänvisa."""
    if kind == SMS:
        return consumer_matters.BLUFF_SMS
    if kind == INVOICE:
        return consumer_matters.POLICE
    return consumer_matters.ARN if amount >= board.least_kronor else ""


def bought_on(about: About) -> date:
    assert about.bought_on is not None  # annars har stop_if_a_person_must_advise redan lämnat över
    return about.bought_on


def channel_to(run: Run, matters: consumer_matters.Reader, number: str) -> str:
    """E-post, eller post till den som inte har någon e-postadress."""
    if run.dry_run:
        return consumer_matters.EMAIL  # i en provkörning kan ärendet vara oregistrerat
    return consumer_matters.EMAIL if matters.matter(number).has_email else consumer_matters.POST


def matter_note(number: str, kind: str, where: str, receipt: str, channel: str) -> str:
    sent = "skickat med e-post" if channel == consumer_matters.EMAIL else "lagt i kön till posten, går senare"
    return (
        f"Konsumentärende {number}: {', '.join(KINDS[kind])}. "
        f"{f'Hänvisad till {where}' if where else 'Inte hänvisad vidare'}. Brev {receipt} {sent}. "
        "Ingen bedömning av värdet eller av chansen att vinna är gjord."
    )
