"""Boka den tid för borgerlig vigsel som ett par har önskat."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Annotated

from pydantic import BaseModel, Field, model_validator

from robots import BusinessException, CaseNumber, Cases, Describe, PersonalNumber, Run, YearTable, task
from robots.systems import civil_weddings, population_register


class Wedding(BaseModel):
    """Det som paret berättar och som inte står i ansökan."""

    witness_1: Annotated[str, Describe("Vittne 1", "Vera Tall", "För- och efternamn.", personal=True)]
    witness_2: Annotated[str, Describe("Vittne 2", "Ivar Strand", "För- och efternamn.", personal=True)]
    fee: Annotated[
        int, Describe("Avgift i kronor", "0", "Den avgift du har berättat om. 0 om någon av dem bor i kommunen.")
    ] = Field(0, ge=0)

    @model_validator(mode="after")
    def two_people(self) -> "Wedding":
        if same_name(self.witness_1, self.witness_2):
            raise ValueError("Vittnena ska vara två olika personer.")
        return self


class Terms(YearTable):
    """Kommunens villkor för vigslar. ``fee`` är i kronor och för par där ingen är folkbokförd i kommunen."""

    name = "civil_weddings"
    fee: int
    certificate_months: int
    papers_days_before: int


@task(title="Boka borgerlig vigsel", owner="Kommunledningskontoret", saves_minutes=15)
def book_civil_wedding(
    run: Run,
    case_number: CaseNumber,
    wedding: Wedding,
    *,
    cases: Cases.Writer,
    register: population_register.Reader,
    weddings: civil_weddings.Writer,
) -> None:
    """Bokar parets önskade vigseltid om intyg, vittnen, avgift och plats är i sin ordning."""
    with run.step("Kontrollera ärendet och den sökande"):
        run.hide(wedding.witness_1, wedding.witness_2)
        case = cases.read(case_number)
        registered = name_in_register(register, case.citizen, case_number)

    with run.step("Läs ansökan"):
        application = application_of(weddings, case.citizen)
        terms = run.table(Terms, application.wished.day.year)  # det är vigseldagens år som räknas

    with run.step("Kontrollera paret"):
        others = [person for person in application.couple if person != case.citizen]
        names = [registered, *(name_in_register(register, person, case_number) for person in others)]
        stop_if_wrong_people(application, names, wedding, protected=case.protected)

    with run.step("Kontrollera tid, intyg och avgift"):
        stop_if_outside_premises(application)
        stop_if_papers_fail(application, terms, run.today)
        stop_if_fee_differs(application, terms, wedding.fee)
        if application.status == civil_weddings.NEW:
            stop_if_taken(weddings, application.wished)
        else:
            stop_if_somebody_elses_time(run, weddings, application)

    with run.step("Reservera tiden"):
        weddings.reserve(application.number, application.wished, once="reservation")

    with run.step("Bekräfta bokningen"):
        witnesses = (wedding.witness_1, wedding.witness_2)
        booking = weddings.confirm(application.number, application.wished, witnesses, wedding.fee, once="bokning")

    with run.step("Bekräfta till paret"):
        when, papers = application.wished, last_day_for_papers(application, terms)
        letter = run.letter(
            "wedding_booked",
            case.language,
            day=f"{when.day:%Y-%m-%d}",
            time=when.time,
            place=when.place,
            fee=wedding.fee,
            papers=f"{papers:%Y-%m-%d}" if papers else "",
        )
        receipt = cases.send_message(case_number, letter.subject, letter.text, [], once="bekräftelse")

    with run.step("Anteckna i ärendet"):
        note = f"Vigsel {application.number} bokad {when}, bokning {booking}. Bekräftelse skickad, kvittens {receipt}."
        if wedding.fee:
            note += f" Avgift {wedding.fee} kr, ingen faktura är skickad."
        if papers:
            note += f" Vigselintyget har inte kommit in. Det ska vara hos oss senast {papers}."
        cases.add_note(case_number, note, once="anteckning")

    with run.step("Avsluta ärendet eller lämna det vidare"):
        left = ["Skicka fakturan."] if wedding.fee else []
        if papers:
            left.append(f"Bevaka att vigselintyget kommer in senast {papers}.")
        if left:
            cases.set_status(case_number, "Väntar på medborgaren" if papers else "Pågående", once="status")
            reason = f"Vigsel {application.number} är bokad {when}."
            cases.hand_over(case_number, reason, " ".join(left), once="fördelning")
        else:
            cases.set_status(case_number, "Avslutat", once="avslut")


def name_in_register(
    register: population_register.Reader, person: PersonalNumber | None, case_number: CaseNumber
) -> str:
    """Namnet på den som är folkbokförd i kommunen, och "" för den som inte är det: också de får gifta sig här."""
    try:
        return register.check_applicant(person, case_number).name
    except BusinessException as stop:
        if stop.kind == "Personen finns inte i registret":
            return ""
        raise


def application_of(weddings: civil_weddings.Reader, citizen: PersonalNumber | None) -> civil_weddings.Application:
    numbers = weddings.applications_of(citizen) if citizen else ()
    if len(numbers) != 1:
        raise BusinessException(
            f"Den sökande har {len(numbers)} vigselansökningar som inte är avslutade.",
            kind="Inte en enda ansökan",
            todo="Be paret ansöka i e-tjänsten, eller fråga vilken ansökan som gäller.",
        )
    return weddings.application(numbers[0])


def stop_if_wrong_people(
    application: civil_weddings.Application, names: list[str], wedding: Wedding, *, protected: bool
) -> None:
    """``names`` är parets namn i befolkningsregistret, "" för den som inte är folkbokförd här."""
    if application.protected or protected:
        raise BusinessException(
            "Någon i paret har skyddade personuppgifter.",
            kind="Skyddade personuppgifter",
            todo="Handlägg ärendet för hand enligt rutinen för skyddade personuppgifter.",
        )
    found = sum(name != "" for name in names)
    if found != application.residents:
        raise BusinessException(
            f"Enligt befolkningsregistret är {found} i paret folkbokförda här, enligt ansökan {application.residents}.",
            kind="Folkbokföringen stämmer inte",
            todo="Ta reda på om någon har flyttat, och vilken avgift som gäller.",
        )
    if any(same_name(witness, name) for witness in (wedding.witness_1, wedding.witness_2) for name in names):
        raise BusinessException(
            "Ett av vittnena är en av dem som ska gifta sig.",
            kind="Fel vittne",
            todo="Be paret om ett annat vittne.",
        )


def stop_if_outside_premises(application: civil_weddings.Application) -> None:
    if application.outside_premises:
        raise BusinessException(
            f"Paret i {application.number} vill gifta sig på en plats utanför kommunens lokaler.",
            kind="Vigsel utanför kommunens lokaler",
            todo="Fråga vigselförrättarna om någon kan komma dit, och svara paret.",
        )


def stop_if_papers_fail(application: civil_weddings.Application, terms: Terms, today: date) -> None:
    """Intyget ska gälla på vigseldagen, och ha kommit in i tid eller hinna göra det."""
    papers = last_day_for_papers(application, terms)
    if papers and papers <= today:
        raise BusinessException(
            f"Vigselintyget har inte kommit in, och skulle ha varit hos oss senast {papers}.",
            kind="Papperen hinner inte fram",
            todo="Föreslå paret en senare dag, eller fråga vigselförrättaren om undantag.",
        )
    valid_to = last_day_of_certificate(application, terms)
    if valid_to and valid_to < application.wished.day:
        raise BusinessException(
            f"Vigselintyget gäller till och med {valid_to}, men vigseln är önskad {application.wished.day}.",
            kind="Vigselintyget räcker inte",
            todo="Be paret välja en tidigare dag eller göra en ny hindersprövning.",
        )


def last_day_for_papers(application: civil_weddings.Application, terms: Terms) -> date | None:
    """Sista dagen för ett vigselintyg som inte har kommit in. None när det redan finns."""
    if application.certificate_to:
        return None
    return application.wished.day - timedelta(days=terms.papers_days_before)


def last_day_of_certificate(application: civil_weddings.Application, terms: Terms) -> date | None:
    """Räknad från hindersprövningen, och aldrig senare än vad ansökan säger. None när intyget inte har kommit in."""
    if application.certificate_to is None or application.examined_on is None:
        return application.certificate_to
    return min(months_after(application.examined_on, terms.certificate_months), application.certificate_to)


def stop_if_fee_differs(application: civil_weddings.Application, terms: Terms, told: int) -> None:
    """Den som inte har fått veta avgiften har inte sagt ja till den."""
    fee = 0 if application.residents else terms.fee
    if fee != application.fee:
        raise BusinessException(
            f"Vigseln kostar {fee} kr enligt vår taxa, men {application.fee} kr enligt vigselbokningen.",
            kind="Taxan stämmer inte",
            todo="Ta reda på vilken avgift som gäller innan något bokas.",
        )
    if told != fee:
        raise BusinessException(
            f"Vigseln kostar {fee} kr, men paret har fått veta {told} kr.",
            kind="Avgiften stämmer inte",
            todo=f"Berätta för paret att vigseln kostar {fee} kr, och boka om de säger ja.",
        )


def stop_if_taken(weddings: civil_weddings.Reader, wished: civil_weddings.Slot) -> None:
    free = weddings.free_times(wished.place, wished.day)
    if wished.time not in free:
        raise BusinessException(
            f"Tiden {wished} är inte ledig. Lediga tider den dagen: {', '.join(free) or 'inga'}.",
            kind="Tiden är tagen",
            todo="Föreslå paret en annan tid.",
        )


def stop_if_somebody_elses_time(
    run: Run, weddings: civil_weddings.Reader, application: civil_weddings.Application
) -> None:
    """Den tid som finns kan vara körningens egen, från ett försök som blev avbrutet."""
    if not any(run.has_made(reference) for reference in weddings.references(application.number)):
        raise BusinessException(
            f"Vigseln {application.number} är {application.status.lower()}: {application.slot or 'ingen tid'}.",
            kind="Har redan en tid",
            todo="Kontrollera med paret om bokningen stämmer.",
        )


def months_after(day: date, months: int) -> date:
    """Samma dag så många månader senare, eller månadens sista dag om den är kortare."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def same_name(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()
