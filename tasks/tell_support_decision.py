"""Ge besked om ett beslut om försörjningsstöd, eller larma när beslutet dröjer."""

from typing import NoReturn

from robots import BusinessException, CaseNumber, Cases, Run, YearTable, task
from robots.systems import income_support, population_register


class SupportDecisionTimes(YearTable):
    """Hela timmar från komplett ansökan: när en person larmas, och när beslutet är utlovat."""

    name = "support_decision_times"
    alarm_hours: int
    promised_hours: int


@task(title="Ge besked om försörjningsstöd", owner="Omsorg", saves_minutes=10, level="förslag")
def tell_support_decision(
    run: Run,
    case_number: CaseNumber,
    *,
    cases: Cases.Writer,
    register: population_register.Reader,
    support: income_support.Writer,
) -> None:
    """Förbereder meddelandet och sms:et om ett beslut som en handläggare har fattat, och svarar, allt utan belopp."""
    month, year = f"{run.today:%Y-%m}", run.today.year

    with run.step("Kontrollera ärendet och den sökande"):
        case = cases.read(case_number)
        applicant = register.check_applicant(case.citizen, case_number)
        file = support.file_of(applicant.personal_number)

    with run.step("Läs beslutet"):
        decision = support.decision(file, month)
        if decision is None:
            application = support.application(file, month)
            stop_undecided(application, file, month, run.table(SupportDecisionTimes, year))

    with run.step("Förbered meddelandet till den sökande"):
        # Verksamhetssystemet lägger själv till hur man överklagar, när beslutet inte är bifall.
        message = run.letter("support_decision", case.language, decision=decision.number, how_to_appeal=False)
        draft = support.draft_message(file, month, message.subject, message.text, once="meddelande")

    with run.step("Förbered sms:et till den sökande"):
        # Ett sms kan läsas på en låst skärm: det säger bara att det finns något att läsa.
        short = run.letter("support_decision_sms", case.language)
        sms = support.draft_message(file, month, short.subject, short.text, channel=income_support.SMS, once="sms")

    with run.step("Svara i ärendet"):
        # Hur man överklagar står alltid i svaret, så att det inte avslöjar vad beslutet blev.
        answer = run.letter("support_decision", case.language, decision=decision.number, how_to_appeal=True)
        receipt = cases.send_message(case_number, answer.subject, answer.text, [], once="svar")

    with run.step("Anteckna i ärendet"):
        cases.add_note(
            case_number,
            f"Meddelande om beslut {decision.number} ligger som utkast {draft} i akt {file.number}, och ett sms om att "
            f"det finns som utkast {sms}. {file.official} läser dem och skickar dem. Den sökande har fått svar i "
            f"ärendet, kvittens {receipt}, med hur man överklagar. Vad beslutet blev står varken i svaret eller här.",
            once="anteckning",
        )

    with run.step("Lämna ärendet vidare"):
        cases.set_status(case_number, "Pågående", once="status")
        cases.hand_over(
            case_number,
            f"Utkasten {draft} och {sms} i akt {file.number} väntar på {file.official}.",
            "Läs utkasten, skicka meddelandet och sedan sms:et, och avsluta ärendet.",
            once="fördelning",
        )


def stop_undecided(
    application: income_support.Application | None,
    file: income_support.File,
    month: str,
    times: SupportDecisionTimes,
) -> NoReturn:
    """Varför det inte finns något besked att ge, och om det brådskar. Klockan börjar när ansökan är komplett."""
    if application is None:
        raise BusinessException(
            f"Akt {file.number} har varken ansökan eller beslut för {month}.",
            kind="Ingen ansökan för månaden",
            todo="Hjälp den sökande att ansöka, eller ta reda på vilken månad frågan gäller.",
        )
    hours = application.hours_since_complete
    if hours is None:
        raise BusinessException(
            f"Ansökan {application.number} är inte komplett: {len(application.unsigned)} av {len(file.adults)} sökande "
            "har inte skrivit under.",
            kind="Underskrift saknas",
            todo="Be den som inte har skrivit under att göra det. Innan dess prövas inte ansökan.",
        )
    waited = (
        f"Ansökan {application.number} i akt {file.number} har varit komplett i {hours} timmar och har inget beslut. "
        f"Beslutet är utlovat inom {times.promised_hours} timmar. Handläggare är {file.official}."
    )
    if hours >= times.alarm_hours:
        raise BusinessException(
            waited,
            kind="Beslutet dröjer",
            todo="Ring handläggaren eller närmaste chef nu, och svara den sökande när beslutet finns.",
        )
    raise BusinessException(
        waited,
        kind="Inte beslutat",
        todo="Svara den sökande när beslutet senast ska komma.",
    )
