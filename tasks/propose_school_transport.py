"""Registrera en ansökan om skolskjuts och lämna förslag till beslut efter skolvägens längd."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel

from robots import BusinessException, CaseNumber, Cases, Describe, PersonalNumber, Run, YearTable, task
from robots.systems import population_register, school_transport

THIS_YEAR, BY_DISTANCE = "Det här läsåret", "Avståndet till skolan"


class SchoolTransport(YearTable):
    """Hur lång skolvägen ska vara för skolskjuts, för läsåret som börjar på hösten det året."""

    name = "school_transport"
    metres: dict[str, int]  # för varje årskurs: längre än så ger skolskjuts
    doubt_percent: int  # så nära gränsen mäter en person vägen på nytt


class Answers(BaseModel):
    """Det som den sökande svarar på."""

    when: Annotated[Literal["Det här läsåret", "Nästa läsår"], Describe("Läsår", "Det här läsåret")]
    reason: Annotated[
        Literal["Avståndet till skolan", "Något annat"],
        Describe("Skäl", hint="Trafik, sjukdom och annat bedömer en person: skriv inget om det här."),
    ]
    alternating: Annotated[bool, Describe("Barnet bor växelvis på två adresser", hint="Fråga den som ringer.")]


@task(title="Föreslå skolskjuts", owner="Utbildning", saves_minutes=15, level="förslag")
def propose_school_transport(
    run: Run,
    case_number: CaseNumber,
    child: Annotated[PersonalNumber, Describe("Barnets personnummer")],
    answers: Answers,
    *,
    cases: Cases.Writer,
    register: population_register.Reader,
    transport: school_transport.Writer,
) -> None:
    """Registrerar ansökan och föreslår beslut efter skolvägens längd. En handläggare med delegation beslutar."""
    with run.step("Kontrollera ärendet och den sökande"):
        case = cases.read(case_number)
        _, applicant = register.check_child(child, case.citizen, case_number)
        stop_if_not_by_distance(answers)

    with run.step("Läs skolvägen"):
        autumn = autumn_of(answers.when, run.today)
        year = school_year(autumn)
        pupil = transport.pupil(child, year)
        metres, limit = way_to_judge(pupil, run.table(SchoolTransport, autumn))
        outcome = school_transport.GRANT if metres > limit else school_transport.REJECT

    with run.step("Kontrollera att ingen har ansökt redan"):
        for number in pupil.applications:
            # Körningen kan ha blivit avbruten efter sin egen ansökan.
            if not run.has_made(transport.application(number).reference):
                raise BusinessException(
                    f"Det finns redan en ansökan för läsåret {year}: {number}.",
                    kind="Ansökan finns redan",
                    todo="Läs ansökan i Skolskjuts och svara den sökande.",
                )

    with run.step("Registrera ansökan"):
        application = transport.register_application(
            child, year, applicant.personal_number, message="", once="ansökan om skolskjuts"
        )

    with run.step("Lämna förslag till beslut"):
        why = (
            f"Vägen till {pupil.nearest_school}, närmaste kommunala skola, är {metres} m längs gång- och cykelväg. "
            f"Gränsen för årskurs {pupil.year} är {limit} m."
        )
        proposal = transport.propose(application, outcome, why, once="förslag till beslut")

    with run.step("Svara den sökande"):
        letter = run.letter("school_transport", case.language, number=application, school_year=year)
        receipt = cases.send_message(case_number, letter.subject, letter.text, [], once="kvittens på ansökan")

    with run.step("Anteckna i ärendet"):
        cases.add_note(
            case_number,
            f"Ansökan om skolskjuts {application} är registrerad för läsåret {year}. "
            f"Förslag {proposal}: {outcome}. {why} Svar till den sökande, kvittens {receipt}. "
            "Inget beslut är fattat. En handläggare med delegation beslutar.",
            once="anteckning",
        )

    with run.step("Lämna ärendet vidare"):
        cases.set_status(case_number, "Pågående", once="status")
        cases.hand_over(
            case_number,
            f"Förslag {proposal} i ansökan {application} väntar på beslut.",
            "Besluta om skolskjutsen, svara den sökande och avsluta ärendet.",
            once="fördelning",
        )


def autumn_of(when: str, today: date) -> int:
    """Det år då läsåret börjar. I juli byter läsåret."""
    this_autumn = today.year if today.month >= 7 else today.year - 1
    return this_autumn if when == THIS_YEAR else this_autumn + 1


def school_year(autumn: int) -> str:
    return f"{autumn}/{(autumn + 1) % 100:02d}"


def stop_if_not_by_distance(answers: Answers) -> None:
    if answers.reason != BY_DISTANCE:
        raise BusinessException(
            "Den sökande har andra skäl än avståndet till skolan.",
            kind="Annat skäl än avståndet",
            todo="Ta emot ansökan och bedöm skälen.",
        )
    if answers.alternating:
        raise BusinessException(
            "Barnet bor växelvis på två adresser.",
            kind="Växelvis boende",
            todo="Ta emot ansökan och bedöm vägen från båda adresserna.",
        )


def way_to_judge(pupil: school_transport.Pupil, table: SchoolTransport) -> tuple[int, int]:
    """Vägens längd och gränsen i meter, när det är avståndet som avgör och det inte är nära gränsen."""
    if pupil.own_school:
        raise BusinessException(
            f"Barnet går i {pupil.own_school}, som inte är en kommunal grundskola.",
            kind="Inte kommunal grundskola",
            todo="Ta emot ansökan och bedöm rätten till skolskjuts till den skolan.",
        )
    if pupil.guardians_apart:
        raise BusinessException(
            "Vårdnadshavarna är folkbokförda på olika adresser, så boendet kan vara växelvis.",
            kind="Växelvis boende",
            todo="Fråga hur barnet bor, och bedöm vägen från båda adresserna om det bor växelvis.",
        )
    if pupil.metres is None:
        raise BusinessException(
            "Kartan kan inte mäta vägen till skolan.",
            kind="Vägen går inte att mäta",
            todo="Ta emot ansökan och bedöm vägen till skolan.",
        )
    limit = table.metres[pupil.year]
    if limit != pupil.limit:
        raise BusinessException(
            f"Skolskjuts har gränsen {pupil.limit} m för årskurs {pupil.year}, men kommunens regler säger {limit} m.",
            kind="Gränsen stämmer inte",
            todo="Ta reda på vilken gräns som gäller, och be robotägaren rätta den som är fel.",
        )
    if is_near(pupil.metres, limit, table.doubt_percent):
        raise BusinessException(
            f"Vägen är {pupil.metres} m, och det är inom {table.doubt_percent} % från gränsen {limit} m.",
            kind="Nära gränsen",
            todo="Ta emot ansökan och mät vägen på nytt.",
        )
    return pupil.metres, limit


def is_near(metres: int, limit: int, percent: int) -> bool:
    """Om vägen skiljer högst så många procent från gränsen, åt något håll."""
    return abs(metres - limit) * 100 <= limit * percent
