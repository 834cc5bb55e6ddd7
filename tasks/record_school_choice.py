"""Registrera ett skolval som alla vårdnadshavare har signerat."""

from datetime import date
from typing import Annotated

from robots import BusinessException, CaseNumber, Cases, Describe, PersonalNumber, Run, YearTable, task
from robots.systems import population_register, school_placement

LAST_YEAR = "9"  # den som går i nian har slutat till hösten


class SchoolChoice(YearTable):
    """När skolvalet i vanliga fall är öppet till läsåret som börjar på hösten det året."""

    name = "school_choice"
    opens: date
    closes: date
    stages: dict[str, list[str]]  # skolsystemets namn på perioden, och årskurserna i den


@task(title="Registrera skolval", owner="Utbildning", saves_minutes=10)
def record_school_choice(
    run: Run,
    case_number: CaseNumber,
    child: Annotated[PersonalNumber, Describe("Barnets personnummer")],
    moving: Annotated[
        bool,
        Describe(
            "Barnet flyttar innan skolvalet stänger",
            hint="Fråga den som ringer. Adressen den dag då skolvalet stänger avgör hur nära skolan barnet bor.",
        ),
    ],
    *,
    cases: Cases.Writer,
    register: population_register.Reader,
    schools: school_placement.Writer,
) -> None:
    """Registrerar skolorna som alla vårdnadshavare har önskat tillsammans. En person beslutar om placeringen."""
    with run.step("Kontrollera ärendet och den sökande"):
        case = cases.read(case_number)
        registered, _ = register.check_child(child, case.citizen, case_number)

    with run.step("Läs elevkortet"):
        pupil = schools.pupil(child)
        stop_if_nothing_to_choose(pupil)
        stop_if_other_guardians(pupil, registered)

    with run.step("Kontrollera att skolvalet är öppet"):
        autumn = autumn_to_choose_for(run.today)
        ordinary = run.table(SchoolChoice, autumn)
        period = period_for(pupil.next_year, schools.periods(), ordinary)
        stop_if_closed(period, ordinary, run.today)

    with run.step("Kontrollera önskemål och signaturer"):
        for choice in pupil.choices:
            is_other = not run.has_made(choice.reference)  # körningen kan ha blivit avbruten efter sitt eget skolval
            if choice.standing and is_other:
                raise BusinessException(
                    f"Barnet har redan ett skolval: {choice.number}.",
                    kind="Skolval finns redan",
                    todo="Fråga den sökande om det ska ersättas, och återta i så fall det gamla först.",
                )
        wishes = signed_wishes(pupil)
        stop_if_moving(moving, period)

    with run.step("Registrera skolvalet"):
        sibling = has_sibling_at(wishes[0], pupil)
        number = schools.record_choice(child, wishes, sibling, once="skolval")

    with run.step("Svara den sökande"):
        letter = run.letter(
            "school_choice",
            case.language,
            school_year=school_year(autumn),
            wishes=wishes,
            closes=period.closes.isoformat(),
        )
        receipt = cases.send_message(case_number, letter.subject, letter.text, [], once="kvittens på skolval")

    with run.step("Anteckna i ärendet"):
        ranked = ", ".join(f"{place}. {school}" for place, school in enumerate(wishes, 1))
        cases.add_note(
            case_number,
            f"Skolval {number} är registrerat för läsåret {school_year(autumn)}: {ranked}. "
            f"Alla vårdnadshavare har signerat ({len(pupil.guardians)}). "
            f"Syskon på förstahandsvalet: {'ja' if sibling else 'nej'}. "
            f"Svar till den sökande, kvittens {receipt}. "
            f"Närheten är inte bedömd: adressen {period.closes}, då skolvalet stänger, avgör. "
            "Ingen placering är beslutad.",
            once="anteckning",
        )

    with run.step("Avsluta ärendet"):
        cases.set_status(case_number, "Avslutat", once="avslut")


def autumn_to_choose_for(today: date) -> int:
    """Skolvalet gäller nästa läsår. I juli byter läsåret, och sedan gäller valet hösten året därpå."""
    return today.year + 1 if today.month >= 7 else today.year


def school_year(autumn: int) -> str:
    return f"{autumn}/{(autumn + 1) % 100:02d}"


def stop_if_nothing_to_choose(pupil: school_placement.Pupil) -> None:
    if not pupil.next_year:
        raise BusinessException(
            "Barnet går ut årskurs 9 till sommaren och har ingen grundskola att välja.",
            kind="Ingen skola att välja",
            todo="Berätta för den sökande hur man söker till gymnasiet.",
        )


def stop_if_other_guardians(pupil: school_placement.Pupil, registered: population_register.Person) -> None:
    """Elevkortet kan vara äldre än ett nytt beslut om vårdnaden: då saknas kanske rätt signatur."""
    if {guardian.personal_number for guardian in pupil.guardians} != set(registered.guardians):
        raise BusinessException(
            "Elevkortet har inte samma vårdnadshavare som befolkningsregistret.",
            kind="Vårdnadshavarna stämmer inte",
            todo="Ta reda på vilka som är vårdnadshavare och rätta elevkortet innan skolvalet registreras.",
        )


def period_for(
    year: str, periods: tuple[school_placement.Period, ...], ordinary: SchoolChoice
) -> school_placement.Period:
    """Skolsystemets period för den årskurs som barnet börjar i till hösten."""
    stages = [stage for stage, years in ordinary.stages.items() if year in years]
    found = [period for period in periods if period.school_years in stages]
    if len(found) != 1:
        raise BusinessException(
            f"Skolvalets kalender har {len(found)} perioder för årskurs {year}.",
            kind="Skolvalets kalender stämmer inte",
            todo="Be skolenheten rätta kalendern, och registrera skolvalet för hand.",
        )
    return found[0]


def stop_if_closed(period: school_placement.Period, ordinary: SchoolChoice, today: date) -> None:
    """Skolsystemets kalender gäller. Andra dagar än de vanliga måste ha en anmärkning som säger varför."""
    days = f"{period.opens} till {period.closes}"
    if not (period.open_now and period.opens <= today <= period.closes):
        raise BusinessException(
            f"Skolvalet för {period.school_years.lower()} är stängt. Det är öppet {days}.",
            kind="Utanför skolvalsperioden",
            todo="Förklara för den sökande när skolvalet är öppet och hur man byter skola utanför perioden.",
        )
    if (period.opens, period.closes) != (ordinary.opens, ordinary.closes) and not period.remark:
        raise BusinessException(
            f"Skolvalets kalender säger {days}, men beslutet är {ordinary.opens} till {ordinary.closes}.",
            kind="Skolvalets kalender stämmer inte",
            todo="Be skolenheten rätta kalendern, och registrera skolvalet för hand.",
        )


def signed_wishes(pupil: school_placement.Pupil) -> tuple[str, ...]:
    """Det som alla vårdnadshavare har önskat och signerat tillsammans, med den skola de helst vill ha först."""
    if not pupil.all_have_signed:
        signed = sum(guardian.signed_on is not None for guardian in pupil.guardians)
        raise BusinessException(
            f"{signed} av {len(pupil.guardians)} vårdnadshavare har signerat skolvalet.",
            kind="Signatur saknas",
            todo="Be vårdnadshavaren som inte har signerat att göra det i e-tjänsten innan skolvalet stänger.",
        )
    if pupil.wishes is None:
        raise BusinessException(
            "Vårdnadshavarna har signerat olika önskemål.",
            kind="Vårdnadshavarna är oense",
            todo="Kontakta båda vårdnadshavarna. De behöver lämna samma önskemål i e-tjänsten.",
        )
    if not pupil.wishes:
        raise BusinessException(
            "Vårdnadshavarna har signerat utan att önska någon skola.",
            kind="Inga önskemål",
            todo="Berätta för den sökande vilken skola barnet får om ingen väljer.",
        )
    return pupil.wishes


def stop_if_moving(moving: bool, period: school_placement.Period) -> None:
    if moving:
        raise BusinessException(
            f"Barnet flyttar innan skolvalet stänger {period.closes}, och då avgör den nya adressen.",
            kind="Barnet flyttar",
            todo="Ta reda på den nya adressen och om barnet bor kvar i kommunen.",
        )


def has_sibling_at(school: str, pupil: school_placement.Pupil) -> bool:
    """Om barnet har ett syskon på skolan som går kvar där till hösten."""
    return any(sibling.school == school and sibling.school_year != LAST_YEAR for sibling in pupil.siblings)
