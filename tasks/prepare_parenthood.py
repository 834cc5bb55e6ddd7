"""Förbered en förenklad bekräftelse av föräldraskap: akt, protokoll, besök och kallelse, eller en påminnelse."""

from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import Field

from robots import (
    BusinessException,
    Case,
    CaseNumber,
    Cases,
    Describe,
    PersonalNumber,
    Run,
    TakenMeanwhile,
    YearTable,
    task,
)
from robots.systems import family_law, population_register

ReminderNumber = Annotated[
    int,
    Field(ge=0),
    Describe("Påminnelse nummer", "0", "0: lägg upp akten och kalla föräldrarna. 1, 2, 3: påminn dem som inte kommit."),
]


class Routine(YearTable):
    """Familjerättens rutin, i veckor och dagar. ``digital_days`` är Skatteverkets tid för den som bekräftar själv."""

    name = "parenthood"
    earliest_week: int
    pregnancy_weeks: int
    digital_days: int
    days_to_first_visit: int
    weeks_to_last_visit: int
    days_between_letters: int
    most_reminders: int


@task(title="Förbered bekräftelse av föräldraskap", owner="Omsorg", saves_minutes=25, level="förslag")
def prepare_parenthood(
    run: Run,
    case_number: CaseNumber,
    reminder: ReminderNumber = 0,
    *,
    cases: Cases.Writer,
    register: population_register.Reader,
    law: family_law.Writer,
) -> None:
    """Förbereder en förenklad bekräftelse av föräldraskap och kallar föräldrarna; en handläggare godkänner."""
    with run.step("Kontrollera ärendet och den sökande"):
        case = cases.read(case_number)
        register.check_applicant(case.citizen, case_number)
        routine = run.table(Routine, run.today.year)  # det är den dag vi förbereder som räknas, inte den barnet föds

    if reminder:
        remind(run, case, reminder, routine, cases=cases, law=law)
        return

    with run.step("Läs föräldrarnas anmälan"):
        told = notification_in(law, case)
        stop_if_not_simplified(told)
        stop_if_not_now(told, routine, run.today)
        stop_if_stranger(told, case)
        for parent in told.parents:
            if parent.personal_number != case.citizen:
                register.check_applicant(parent.personal_number, case_number)

    with run.step("Kontrollera att ingen akt finns"):
        begun = begun_by_this_run(run, law, told)

    with run.step("Hitta en besökstid"):
        at = first_free_time(law, routine, run.today)

    with run.step("Lägg upp akten och förbered protokollet"):
        akt = law.open_akt(told, once="akt")
        protocol = law.prepare_protocol(akt, once="protokoll")

    with run.step("Boka besök"):
        try:
            visit = law.book_visit(akt, at, once="besök")
        except BusinessException as stop:
            if family_law.time_was_taken(stop):
                raise TakenMeanwhile(stop.reason) from None  # nästa försök tar nästa lediga tid
            raise
        if begun:  # ett försök som blev avbrutet kan ha bokat en annan tid än den som är ledig nu
            at = next(booked.at for booked in law.akt(akt).visits if booked.number == visit)

    with run.step("Kalla föräldrarna"):
        letter = run.letter("parenthood_summons", case.language, day=f"{at:%Y-%m-%d}", time=f"{at:%H.%M}")
        receipt = law.send_letter(akt, family_law.SUMMONS, f"{letter.subject}\n\n{letter.text}", once="kallelse")

    with run.step("Anteckna i ärendet"):
        note = (
            f"Akt {akt} är upplagd hos familjerätten med protokoll {protocol} som utkast, besök {visit} och "
            f"kallelse {receipt}. Föräldraskapet är inte bekräftat: det prövar och godkänner en handläggare. "
            "Inget är anmält till Skatteverket."
        )
        cases.add_note(case_number, note, once="anteckning")

    with run.step("Lämna ärendet vidare"):
        cases.set_status(case_number, "Pågående", once="status")
        cases.hand_over(
            case_number,
            f"Akt {akt} är förberedd, och föräldrarna är kallade till besök {visit}.",
            "Ta emot föräldrarna, pröva protokollet och anmäl till Skatteverket. Starta sedan uppgiften «Anteckna "
            "anmälan till Skatteverket».",
            once="fördelning",
        )


def notification_in(law: family_law.Reader, case: Case) -> family_law.Notification:
    told = law.notification(case.number)
    if told is None:
        raise BusinessException(
            "Familjerätten har ingen anmälan från föräldrarna i det här ärendet.",
            kind="Anmälan saknas",
            todo="Be föräldrarna fylla i e-tjänsten, eller ta emot anmälan för hand.",
        )
    if told.protected:
        raise BusinessException(
            "En av föräldrarna har skyddade personuppgifter.",
            kind="Skyddade personuppgifter",
            todo="Handlägg ärendet för hand enligt rutinen för skyddade personuppgifter.",
        )
    return told


def stop_if_not_simplified(told: family_law.Notification) -> None:
    """De som inte kan bekräfta förenklat, i den ordning de prövas. Vem av föräldrarna det är skrivs inte i ärendet."""
    if any(parent.minor for parent in told.parents):
        raise BusinessException(
            f"En förälder i anmälan {told.number} är under 18 år.",
            kind="Minderårig förälder",
            todo="Handlägg som utredning, och kontakta den minderårigas vårdnadshavare.",
        )
    if any(parent.abroad for parent in told.parents):
        raise BusinessException(
            f"En förälder i anmälan {told.number} är inte bosatt i Sverige.",
            kind="Förälder bosatt utomlands",
            todo="Handlägg för hand, och ta reda på vilket lands lag som gäller.",
        )
    if any(parent.married for parent in told.parents):
        raise BusinessException(
            f"En förälder i anmälan {told.number} är gift.",
            kind="Gift förälder",
            todo="Kontrollera om föräldraskapet följer av äktenskapet, eller om det behövs en utredning.",
        )
    if not told.same_address:
        raise BusinessException(
            f"Föräldrarna i anmälan {told.number} är inte folkbokförda på samma adress.",
            kind="Inte samma adress",
            todo="Handlägg som utredning.",
        )
    # Att någon tvekar, eller hur barnet har blivit till, är sekretess också för den som läser ärendet.
    if told.doubt:
        raise BusinessException(
            f"Anmälan {told.number} kan inte handläggas förenklat.",
            kind="Tvekan om föräldraskapet",
            todo="Läs föräldrarnas svar i anmälan och handlägg som utredning.",
        )
    if told.assisted:
        raise BusinessException(
            f"Anmälan {told.number} kan inte handläggas förenklat.",
            kind="Assisterad befruktning",
            todo="Läs föräldrarnas svar i anmälan och handlägg som utredning.",
        )


def stop_if_not_now(told: family_law.Notification, routine: Routine, today: date) -> None:
    if told.child:
        last = born(told.child) + timedelta(days=routine.digital_days)
        if today <= last:
            raise BusinessException(
                f"Barnet är nyfött. Till och med {last} kan föräldrarna bekräfta själva hos Skatteverket.",
                kind="Kan bekräftas hos Skatteverket",
                todo="Hänvisa föräldrarna till Skatteverkets e-tjänst, eller handlägg om de inte kan använda den.",
            )
    elif told.due:
        earliest = told.due - timedelta(weeks=routine.pregnancy_weeks - routine.earliest_week + 1, days=-1)
        if today < earliest:
            raise BusinessException(
                f"Föräldraskapet kan bekräftas från vecka {routine.earliest_week}, alltså tidigast {earliest}.",
                kind="För tidigt i graviditeten",
                todo="Berätta för föräldrarna när de kan bekräfta, och bevaka ärendet till dess.",
            )


def stop_if_stranger(told: family_law.Notification, case: Case) -> None:
    if case.citizen not in [parent.personal_number for parent in told.parents]:
        raise BusinessException(
            f"Den sökande är inte någon av föräldrarna i anmälan {told.number}.",
            kind="Den sökande är inte förälder i anmälan",
            todo="Ta reda på om den sökande får företräda föräldrarna.",
        )


def born(child: PersonalNumber) -> date:
    """Ett samordningsnummer har 60 lagt till dagen."""
    return date(int(child[:4]), int(child[4:6]), int(child[6:8]) % 60)


def begun_by_this_run(run: Run, law: family_law.Reader, told: family_law.Notification) -> bool:
    """Om körningen själv har lagt upp akten, i ett försök som blev avbrutet. Någon annans akt stoppar."""
    akter = {akt for parent in told.parents if parent.personal_number for akt in law.open_akter(parent.personal_number)}
    for akt in sorted(akter):
        if not run.has_made(law.references(akt).get(akt, "")):
            raise BusinessException(
                f"Det finns redan en öppen akt: {akt}.",
                kind="Akten finns redan",
                todo="Läs akten. Har föräldrarna inte kommit på besöket kan roboten påminna dem.",
            )
    return bool(akter)


def first_free_time(law: family_law.Reader, routine: Routine, today: date) -> datetime:
    """Den första tid som kallelsen hinner fram till. En vecka i taget, för listan visar högst tjugo tider."""
    first = today + timedelta(days=routine.days_to_first_visit)
    last = today + timedelta(weeks=routine.weeks_to_last_visit)
    while first <= last:
        if times := law.free_times(first, min(first + timedelta(days=6), last)):
            return min(times)
        first += timedelta(days=7)
    raise BusinessException(
        f"Familjerätten har ingen ledig besökstid till och med {last}.",
        kind="Ingen ledig besökstid",
        todo="Öppna fler tider och kör igen, eller handlägg för hand. Ingen akt är upplagd.",
    )


def remind(run: Run, case: Case, number: int, routine: Routine, *, cases: Cases.Writer, law: family_law.Writer) -> None:
    """Påminner föräldrar som inte har kommit."""
    with run.step("Läs akten"):
        akt = akt_to_remind_of(law, case)
        references = law.references(akt.number)
        # Påminnelsen kan vara körningens egen, från ett försök som blev avbrutet.
        earlier = [letter for letter in akt.letters if not run.has_made(references.get(letter.number, ""))]
        stop_if_not_to_remind(akt, earlier, number, routine, run.today)

    with run.step("Påminn föräldrarna"):
        ahead = [visit.at for visit in akt.visits if visit.booked and visit.at.date() >= run.today]
        day, time = (f"{ahead[0]:%Y-%m-%d}", f"{ahead[0]:%H.%M}") if ahead else ("", "")
        letter = run.letter("parenthood_reminder", case.language, day=day, time=time)
        receipt = law.send_letter(
            akt.number, family_law.REMINDER, f"{letter.subject}\n\n{letter.text}", once="påminnelse"
        )

    with run.step("Anteckna i ärendet"):
        note = f"Påminnelse {number} skickad till föräldrarna i akt {akt.number}: {receipt}. Inget annat är ändrat."
        cases.add_note(case.number, note, once="anteckning")

    with run.step("Lämna ärendet vidare"):
        cases.set_status(case.number, "Väntar på medborgaren", once="status")
        cases.hand_over(
            case.number,
            f"Föräldrarna i akt {akt.number} har fått påminnelse {number}.",
            "Bevaka att föräldrarna kommer. Starta uppgiften igen när nästa påminnelse står på tur.",
            once="fördelning",
        )


def akt_to_remind_of(law: family_law.Reader, case: Case) -> family_law.Akt:
    numbers = law.open_akter(case.citizen) if case.citizen else ()
    akter = [akt for akt in map(law.akt, numbers) if akt.case_number == case.number]
    if len(akter) != 1:
        raise BusinessException(
            f"Den sökande har {len(akter)} öppna akter i det här ärendet.",
            kind="Ingen akt att påminna i",
            todo="Kontrollera hos familjerätten om akten är avslutad eller inte upplagd än.",
        )
    return akter[0]


def stop_if_not_to_remind(
    akt: family_law.Akt, letters: list[family_law.Letter], number: int, routine: Routine, today: date
) -> None:
    """``letters`` är de brev som skickades före den här körningen."""
    if any(visit.held for visit in akt.visits) or any(protocol.approved for protocol in akt.protocols):
        raise BusinessException(
            f"I akt {akt.number} är besöket gjort eller protokollet godkänt.",
            kind="Föräldrarna har redan varit på besök",
            todo="Läs akten och stäng ärendet om allt är klart.",
        )
    sent = sum(letter.kind == family_law.REMINDER for letter in letters)
    if sent >= routine.most_reminders:
        raise BusinessException(
            f"Föräldrarna i akt {akt.number} har fått {sent} påminnelser och inte hört av sig.",
            kind="Ingen kontakt efter tre påminnelser",
            todo="Sök föräldrarna på annat sätt, eller inled en utredning.",
        )
    if not letters:
        raise BusinessException(
            f"Föräldrarna i akt {akt.number} har inte fått någon kallelse.",
            kind="Ingen kallelse att påminna om",
            todo="Boka besök och kalla föräldrarna.",
        )
    if number != sent + 1:
        raise BusinessException(
            f"Påminnelse {number} är beställd, men akt {akt.number} har {sent} påminnelser.",
            kind="Fel nummer på påminnelsen",
            todo="Beställ den påminnelse som står i tur, om föräldrarna inte har hört av sig.",
        )
    earliest = max(letter.sent for letter in letters) + timedelta(days=routine.days_between_letters)
    if today < earliest:
        raise BusinessException(
            f"Föräldrarna i akt {akt.number} kan påminnas tidigast {earliest}.",
            kind="För tidigt att påminna",
            todo="Vänta till den dagen och beställ påminnelsen igen.",
        )
