"""What each figure means, in words that stand beside the figures wherever they are shown."""

from __future__ import annotations

from robots.errors import marked as _
from robots.statistics.baselines import ASSUMED_MINUTES
from robots.statistics.figures import Figures
from robots.statistics.period import Period
from robots.statistics.wording import Say, swedish

_EXPLAINED = (
    (
        _("Körningar"),
        _(
            "Det som avslutades i perioden. Dagarna är svenska dygn. Provkörningar, morgonkontroller och robotarnas "
            "egna sysslor räknas inte."
        ),
    ),
    (
        _("Gjort om"),
        _(
            "Har någon beställt en körning på nytt räknas den en gång, så som den slutade sist i perioden. En månad "
            "som är slut ändras därför inte av det som händer senare."
        ),
    ),
    (
        _("Klara utan handläggare"),
        _(
            "Roboten gjorde hela ärendet, och ingen behövde beställa det på nytt. Den som bara har tittat på "
            "formuläret och svarat Skicka räknas inte som handläggare."
        ),
    ),
    (
        _("Andel klara utan handläggare"),
        _("De som är klara utan handläggare, av alla utom de som någon avbröt."),
    ),
    (
        _("Klara efter ny beställning"),
        _("Roboten gjorde klart ärendet när någon hade beställt det på nytt."),
    ),
    (
        _("Överlämnade"),
        _("En handläggare fick ärendet, med orsak och vad som ska göras."),
    ),
    (
        _("Misslyckade"),
        _("Ett tekniskt fel som någon behöver se till."),
    ),
    (
        _("Avbrutna"),
        _("Någon stoppade körningen."),
    ),
    (
        _("Överlämningar efter orsak och team"),
        _(
            "Varje överlämning räknas, också av det som sedan beställdes på nytt: varje gång fick någon ett ärende. "
            "Teamet är det som ansvarar för uppgiften."
        ),
    ),
    (
        _("Tid till klart"),
        _(
            "Från beställning till klart, för det som blev klart. Arbete är när en robot höll på. I kö är all annan "
            "tid: väntan på tur, på ett stängt system eller på nästa försök. Nio av tio tog högst tiden under «9 av "
            "10 inom»."
        ),
    ),
    (
        _("Sparad arbetstid"),
        _(
            "Minuterna som ett ärende tar för hand, för varje körning som är klar. Från det dras minuter för varje "
            "överlämning och varje misslyckad körning, också av det som beställdes på nytt."
        ),
    ),
    (
        _("Uppmätt och uppskattat"),
        _(
            "Uppmätt är det som kommunen har mätt och skrivit i config/baselines.toml. En mätning gäller från sin "
            "dag. Utan mätning används uppgiftens eget värde, och %(minutes)s minuter för varje överlämning och "
            "misslyckad körning. Det kallas uppskattat."
        ),
    ),
    (
        _("Timme och veckodag"),
        _("När körningen beställdes, i svensk tid. Natten när klockan ställs tillbaka har två timmar 02."),
    ),
    (
        _("Personer"),
        _("Siffrorna visar inga ärenden och inga personer, och inte vem som har beställt vad."),
    ),
)


def explained(say: Say = swedish) -> list[tuple[str, str]]:
    """Each figure's name, and what is counted in it."""
    return [(say(what), say(words).replace("%(minutes)s", f"{ASSUMED_MINUTES:g}")) for what, words in _EXPLAINED]


def period_words(figures: Figures, language: str = "sv", say: Say = swedish) -> str:
    """«oktober 2026, jämfört med september 2026»; says so while the period goes on."""
    told = {"period": figures.period.words(language), "before": figures.compared.words(language)}
    words = say("%(period)s, jämfört med %(before)s") % told
    still = say("Perioden är inte slut än.")
    return f"{words}. {still}" if figures.goes_on else words


def file_name(period: Period) -> str:
    """What a workbook of the period is called."""
    days = f"{period.first:%Y-%m}" if period.whole_months == 1 else f"{period.first}--{period.last}"
    return f"statistik-{days}.xlsx"
