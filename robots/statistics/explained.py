"""What each figure means, in words that stand beside the figures wherever they are shown."""

from __future__ import annotations

from robots.statistics.baselines import ASSUMED_MINUTES
from robots.statistics.figures import Figures
from robots.statistics.period import Period

EXPLAINED = (
    (
        "Körningar",
        "Det som avslutades i perioden. Dagarna är svenska dygn. Provkörningar, morgonkontroller och robotarnas egna "
        "sysslor räknas inte.",
    ),
    (
        "Gjort om",
        "Har någon beställt en körning på nytt räknas den en gång, så som den slutade sist i perioden. En månad som är "
        "slut ändras därför inte av det som händer senare.",
    ),
    ("Klara utan handläggare", "Roboten gjorde hela ärendet, och ingen behövde beställa det på nytt."),
    ("Andel klara utan handläggare", "De som är klara utan handläggare, av alla utom de som någon avbröt."),
    ("Klara efter ny beställning", "Roboten gjorde klart ärendet när någon hade beställt det på nytt."),
    ("Överlämnade", "En handläggare fick ärendet, med orsak och vad som ska göras."),
    ("Misslyckade", "Ett tekniskt fel som någon behöver se till."),
    ("Avbrutna", "Någon stoppade körningen."),
    (
        "Överlämningar efter orsak och team",
        "Varje överlämning räknas, också av det som sedan beställdes på nytt: varje gång fick någon ett ärende. Teamet "
        "är det som ansvarar för uppgiften.",
    ),
    (
        "Tid till klart",
        "Från beställning till klart, för det som blev klart. Arbete är när en robot höll på. I kö är all annan tid: "
        "väntan på tur, på ett stängt system eller på nästa försök. Nio av tio tog högst tiden under «9 av 10 inom».",
    ),
    (
        "Sparad arbetstid",
        "Minuterna som ett ärende tar för hand, för varje körning som är klar. Från det dras minuter för varje "
        "överlämning och varje misslyckad körning, också av det som beställdes på nytt.",
    ),
    (
        "Uppmätt och uppskattat",
        "Uppmätt är det som kommunen har mätt och skrivit i config/baselines.toml. En mätning gäller från sin dag. "
        f"Utan mätning används uppgiftens eget värde, och {ASSUMED_MINUTES:g} minuter för varje överlämning och "
        "misslyckad körning. Det kallas uppskattat.",
    ),
    (
        "Timme och veckodag",
        "När körningen beställdes, i svensk tid. Natten när klockan ställs tillbaka har två timmar 02.",
    ),
    ("Personer", "Siffrorna visar inga ärenden och inga personer, och inte vem som har beställt vad."),
)


def period_words(figures: Figures, language: str = "sv") -> str:
    """«oktober 2026, jämfört med september 2026»; says so while the period goes on."""
    words = f"{figures.period.words(language)}, jämfört med {figures.compared.words(language)}"
    return f"{words}. Perioden är inte slut än." if figures.goes_on else words


def file_name(period: Period) -> str:
    """What a workbook of the period is called."""
    days = f"{period.first:%Y-%m}" if period.whole_months == 1 else f"{period.first}--{period.last}"
    return f"statistik-{days}.xlsx"
