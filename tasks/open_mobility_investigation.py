"""Öppna en utredning om färdtjänst: registrera e-ansökan, boka intervju och skriv till den sökande."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Annotated, Literal

from robots import BusinessException, CaseNumber, Cases, Describe, Run, TakenMeanwhile, YearTable, task, workdays_after
from robots.systems import mobility_service, population_register

Meeting = Annotated[
    Literal["Besök", "Telefon"], Describe("Mötesform", hint="Fråga hur den sökande vill bli intervjuad.")
]
Interpreter = Annotated[
    Literal["Framgår inte", "Ja", "Nej"], Describe("Behov av tolk", hint="Fråga den sökande. Gissa inte.")
]
NEEDS_INTERPRETER = {"Ja": True, "Nej": False}  # annars har ingen sagt något


class InterviewRules(YearTable):
    """När en intervju får bokas: så sent att brevet hinner fram, och så många veckor framåt som roboten letar."""

    name = "mobility_interview"
    earliest_workdays: int
    weeks: int


@task(title="Öppna färdtjänstutredning", owner="Omsorg", saves_minutes=20, level="förslag")
def open_mobility_investigation(
    run: Run,
    case_number: CaseNumber,
    meeting: Meeting = "Telefon",
    interpreter: Interpreter = "Framgår inte",
    *,
    cases: Cases.Writer,
    register: population_register.Reader,
    mobility: mobility_service.Writer,
) -> None:
    """Registrerar en e-ansökan om färdtjänst, bokar intervju och skriver till den sökande. Bedömer ingenting."""
    with run.step("Kontrollera ärendet och den sökande"):
        case = cases.read(case_number)
        applicant = register.check_applicant(case.citizen, case_number).personal_number

    with run.step("Läs ansökan"):
        record = mobility.file_of(applicant)
        # Körningen kan ha blivit avbruten efter att den registrerade utredningen.
        own = [n for n in record.open_investigations if run.has_made(mobility.investigation(n).reference)]
        stop_if_not_for_a_robot(record, own)
        application = new_application(record, own)
        stop_if_a_person_must_read(application)
        rules = run.table(InterviewRules, run.today.year)  # reglerna för det år då intervjun bokas

    with run.step("Registrera utredningen"):
        number = mobility.open_investigation(
            applicant, application, mobility.papers_of(application),
            interpreter=NEEDS_INTERPRETER.get(interpreter), once="utredning",
        )  # fmt: skip
        if run.dry_run:
            run.tell("Provkörningen slutar här: intervjun bokas i utredningen, som inte är registrerad.")
            return
        stop_if_incomplete(mobility.investigation(number))

    with run.step("Boka intervjun"):
        time = booked_time(mobility, number) or first_free_time(mobility, number, run.today, rules)
        try:
            booking = mobility.book_interview(number, time, meeting, once="intervju")
        except BusinessException as stop:
            if mobility_service.time_was_taken(stop):
                raise TakenMeanwhile(stop.reason) from None  # nästa försök tar nästa lediga tid
            raise
        time = booked_time(mobility, number) or time  # ett avbrutet försök kan ha bokat en annan

    with run.step("Skriv till den sökande"):
        letter = run.letter("mobility_interview", case.language, number=number, meeting=meeting, time=time)
        receipt = cases.send_message(case_number, letter.subject, letter.text, [], once="kallelse")

    with run.step("Anteckna i ärendet"):
        note = (
            f"Utredning {number} öppnad för e-ansökan {application.number}. Intervju ({meeting.lower()}) "
            f"{time.day:%Y-%m-%d} kl. {time.clock}, bokning {booking}. Meddelande skickat, kvittens {receipt}. "
            "Ingenting är bedömt."
        )
        cases.add_note(case_number, note, once="anteckning")

    with run.step("Lämna ärendet vidare"):
        cases.set_status(case_number, "Pågående", once="status")
        cases.hand_over(
            case_number,
            f"Utredning {number} är öppnad, och intervjun är bokad {time.day:%Y-%m-%d} kl. {time.clock}.",
            "Intervjua den sökande och gör klart utredningen.",
            once="fördelning",
        )


def stop_if_not_for_a_robot(record: mobility_service.FileRecord, own: Collection[str]) -> None:
    """Det i personens akt som gör att en person måste ta över."""
    if record.protected or record.deceased or not record.resident:
        raise BusinessException(
            "Färdtjänstsystemet och befolkningsregistret säger olika om den sökande.",
            kind="Registren säger olika",
            todo="Kontrollera uppgifterna om den sökande i båda systemen och handlägg ansökan för hand.",
        )
    others = [number for number in record.open_investigations if number not in own]
    if others:
        raise BusinessException(
            f"Den sökande har redan en öppen utredning: {', '.join(others)}.",
            kind="Öppen utredning finns redan",
            todo="Avgör om ansökan hör till den utredningen, och svara den sökande.",
        )


def new_application(record: mobility_service.FileRecord, own: Collection[str]) -> mobility_service.Application:
    """Den enda ansökan som inte är registrerad, eller som körningen själv har registrerat."""
    found = [application for application in record.applications if application.registered_in in ("", *own)]
    if not found:
        raise BusinessException(
            f"Akt {record.number} har ingen oregistrerad e-ansökan.",
            kind="Ingen ny e-ansökan",
            todo="Ta reda på om ansökan har kommit på papper, och registrera den i så fall för hand.",
        )
    if len(found) > 1:
        raise BusinessException(
            f"Akt {record.number} har flera oregistrerade e-ansökningar: {', '.join(a.number for a in found)}.",
            kind="Flera e-ansökningar",
            todo="Läs ansökningarna och avgör vilken som gäller.",
        )
    return found[0]


def stop_if_a_person_must_read(application: mobility_service.Application) -> None:
    """Det i ansökan som en robot inte läser eller bedömer. Vad som står där sägs inte vidare."""
    if application.own_words:
        raise BusinessException(
            f"E-ansökan {application.number} har fritext som en person ska läsa.",
            kind="Fritext i ansökan",
            todo="Läs ansökan i färdtjänstsystemet och öppna utredningen för hand.",
        )
    if application.service != "Färdtjänst":
        raise BusinessException(
            f"E-ansökan {application.number} gäller {application.service}.",
            kind="Annan insats än färdtjänst",
            todo="Handlägg ansökan för hand enligt reglerna för den insatsen.",
        )
    if application.needs_specialist:
        raise BusinessException(
            f"Underlaget till e-ansökan {application.number} behöver granskas av en person.",
            kind="Underlaget behöver granskas",
            todo="Läs ansökan och dess bilagor i färdtjänstsystemet, och avgör om något ska kompletteras.",
        )


def stop_if_incomplete(investigation: mobility_service.Investigation) -> None:
    """En ansökan utan läkarintyg är registrerad, men får ingen intervju förrän intyget har kommit."""
    if investigation.lacks:
        raise BusinessException(
            f"Utredning {investigation.number} är öppnad, men ansökan är inte komplett. Begär komplettering senast "
            f"{investigation.ask_before}. Ingen intervju är bokad.",
            kind="Ansökan är inte komplett",
            todo="Starta uppgiften «Begär komplettering till färdtjänst» i samma ärende.",
        )


def booked_time(mobility: mobility_service.Reader, number: str) -> mobility_service.InterviewTime | None:
    """Tiden som systemet säger är bokad."""
    words = mobility.investigation(number).interview
    return mobility_service.InterviewTime.shown(words) if words else None


def first_free_time(
    mobility: mobility_service.Reader, number: str, today: date, rules: InterviewRules
) -> mobility_service.InterviewTime:
    """Den första lediga tiden som den sökande hinner få brev om."""
    first = workdays_after(today, rules.earliest_workdays)
    for week in range(rules.weeks):
        times = mobility.free_times(number, first + timedelta(weeks=week))
        if times:
            return times[0]
    raise BusinessException(
        f"Utredning {number} är öppnad, men ingen tid är ledig från {first} och {rules.weeks} veckor framåt.",
        kind="Ingen ledig tid för intervju",
        todo="Boka intervjun för hand och svara den sökande.",
    )
