"""Begär komplettering till en ansökan om färdtjänst: begäran, påminnelse och sista påminnelse, i tur och ordning."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Final, Literal

from robots import BusinessException, CaseNumber, Cases, Describe, Run, YearTable, task, workdays_after
from robots.systems import mobility_service, population_register

WHICHEVER: Final = "Det som står på tur"
Wanted = Annotated[
    Literal["Det som står på tur", "Begäran om komplettering", "Påminnelse", "Sista påminnelse"],
    Describe("Brev", hint="Roboten räknar ut vilket brev som står på tur. Väljer du ett annat skickar den inget."),
]


class SupplementRules(YearTable):
    """Tiderna för breven, i arbetsdagar.

    ``ask_within`` räknas från att ansökan kom in, ``answer_within`` från att ett brev skickas, och ``wait_after`` från
    sista svarsdagen till nästa brev.
    """

    name = "mobility_supplement"
    ask_within: int
    answer_within: int
    wait_after: int


@task(title="Begär komplettering till färdtjänst", owner="Omsorg", saves_minutes=12, level="förslag")
def ask_for_mobility_supplement(
    run: Run,
    case_number: CaseNumber,
    wanted: Wanted = WHICHEVER,
    *,
    cases: Cases.Writer,
    register: population_register.Reader,
    mobility: mobility_service.Writer,
) -> None:
    """Skickar det brev om läkarintyg som står på tur, räknat från breven som redan är skickade. Bedömer ingenting."""
    with run.step("Kontrollera ärendet och den sökande"):
        case = cases.read(case_number)
        applicant = register.check_applicant(case.citizen, case_number).personal_number

    with run.step("Läs utredningen och dess brev"):
        number = only_open_investigation(mobility.file_of(applicant))
        investigation = mobility.investigation(number)
        stop_if_nothing_to_ask_for(investigation)
        rules = run.table(SupplementRules, run.today.year)  # tiderna för det år då brevet skickas
        # Körningen kan ha blivit avbruten efter sitt eget brev: det räknas inte som skickat tidigare.
        earlier = [letter for letter in requests_in(mobility.letters(number)) if not run.has_made(letter.reference)]
        kind = next_letter(earlier, run.today, rules.wait_after)
        stop_if_another_is_wanted(wanted, kind)

    with run.step("Skicka brevet"):
        due = workdays_after(run.today, rules.answer_within)
        receipt = mobility.send_letter(number, kind, due, letter_text(run, kind, case.language, due), once=kind.lower())

    with run.step("Anteckna i ärendet"):
        sent = next((letter for letter in mobility.letters(number) if letter.number == receipt), None)
        due = sent.due if sent and sent.due else due  # ett avbrutet försök kan ha skickat brevet en annan dag
        note = (
            f"{kind} skickad i utredning {number}, brev {receipt}, svar senast {due}. "
            f"{told_late(investigation, kind, run.today, rules.ask_within)}Ingenting är bedömt."
        )
        cases.add_note(case_number, note, once=f"anteckning om {kind.lower()}")

    with run.step("Lämna ärendet vidare"):
        cases.set_status(case_number, "Väntar på medborgaren", once=f"status efter {kind.lower()}")
        cases.hand_over(
            case_number,
            f"{kind} är skickad i utredning {number}. Svaret ska ha kommit senast {due}.",
            "Bevaka svaret. Starta uppgiften igen om inget har kommit.",
            once=f"fördelning efter {kind.lower()}",
        )


def only_open_investigation(record: mobility_service.FileRecord) -> str:
    """Numret på personens enda öppna utredning."""
    if record.protected or record.deceased or not record.resident:
        raise BusinessException(
            "Färdtjänstsystemet och befolkningsregistret säger olika om den sökande.",
            kind="Registren säger olika",
            todo="Kontrollera uppgifterna om den sökande i båda systemen innan något brev skickas.",
        )
    if not record.open_investigations:
        raise BusinessException(
            f"Akt {record.number} har ingen öppen utredning.",
            kind="Ingen öppen utredning",
            todo="Öppna en utredning om det finns en ansökan, eller svara den sökande att ärendet är avslutat.",
        )
    if len(record.open_investigations) > 1:
        raise BusinessException(
            f"Akt {record.number} har flera öppna utredningar: {', '.join(record.open_investigations)}.",
            kind="Flera öppna utredningar",
            todo="Avgör vilken utredning kompletteringen gäller, och skicka brevet för hand.",
        )
    return record.open_investigations[0]


def stop_if_nothing_to_ask_for(investigation: mobility_service.Investigation) -> None:
    """Har kompletteringen kommit är det en person som går vidare."""
    if investigation.supplement_came:
        raise BusinessException(
            f"Kompletteringen i utredning {investigation.number} kom in {investigation.supplement_came}. "
            f"Beslut senast {investigation.decide_before}.",
            kind="Kompletteringen har kommit in",
            todo="Granska kompletteringen, boka intervju om ingen är bokad och svara den sökande.",
        )
    if not investigation.lacks:
        raise BusinessException(
            f"Inget saknas i utredning {investigation.number}.",
            kind="Inget saknas",
            todo="Svara den sökande att ansökan är komplett.",
        )
    if investigation.lacks != "Läkarintyg":
        raise BusinessException(
            f"Utredning {investigation.number} saknar något annat än det som robotens brev begär.",
            kind="Något annat saknas",
            todo="Läs i utredningen vad som saknas och begär in det för hand.",
        )


def requests_in(letters: Sequence[mobility_service.Letter]) -> list[mobility_service.Letter]:
    """Breven som begär något, det första först. En bekräftelse gör inte det."""
    return [letter for letter in letters if letter.kind in mobility_service.LETTER_KINDS]


def next_letter(
    earlier: Sequence[mobility_service.Letter], today: date, wait_after: int
) -> mobility_service.LetterKind:
    """Brevet som står på tur: en begäran, sedan en påminnelse, sedan en sista, var och en efter den förras svarstid."""
    if not earlier:
        return mobility_service.FIRST
    latest = earlier[-1]
    if latest.due is None:
        raise BusinessException(
            f"Brev {latest.number} ({latest.kind.lower()}) har ingen dag då svaret ska ha kommit.",
            kind="Brevet har ingen svarsdag",
            todo="Läs brevet och avgör när nästa ska skickas.",
        )
    if today <= workdays_after(latest.due, wait_after):
        raise BusinessException(
            f"{latest.kind} är skickad {latest.sent}, brev {latest.number}, med svar senast {latest.due}.",
            kind="Svarstiden har inte gått ut",
            todo="Berätta för den sökande vad som saknas och när det senast ska ha kommit in.",
        )
    if latest.kind == mobility_service.FINAL:
        raise BusinessException(
            f"Svarstiden i den sista påminnelsen, brev {latest.number}, gick ut {latest.due}.",
            kind="Den sista svarstiden har gått ut",
            todo="Avgör hur utredningen ska gå vidare utan komplettering.",
        )
    return mobility_service.REMINDER if latest.kind == mobility_service.FIRST else mobility_service.FINAL


def stop_if_another_is_wanted(wanted: str, kind: str) -> None:
    """Den som har bett om ett visst brev ska inte få ett annat skickat."""
    if wanted not in (WHICHEVER, kind):
        raise BusinessException(
            f"{kind} står på tur, inte {wanted.lower()}.",
            kind="Ett annat brev står på tur",
            todo="Läs breven i utredningen och starta uppgiften igen med rätt brev.",
        )


def letter_text(run: Run, kind: str, language: str, due: date) -> str:
    """Brevet med sin rubrik."""
    if kind == mobility_service.FIRST:
        letter = run.letter("mobility_request", language, due=due)
    elif kind == mobility_service.REMINDER:
        letter = run.letter("mobility_reminder", language, due=due)
    else:
        letter = run.letter("mobility_final_notice", language, due=due)
    return f"{letter.subject}\n\n{letter.text}"


def told_late(investigation: mobility_service.Investigation, kind: str, today: date, ask_within: int) -> str:
    """Att det första brevet skickas för sent, om det gör det."""
    latest = workdays_after(investigation.received, ask_within)
    late = kind == mobility_service.FIRST and today > latest
    return f"Brevet skulle ha skickats senast {latest}. " if late else ""
