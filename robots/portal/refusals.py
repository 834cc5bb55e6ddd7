"""What is told when something is not done, on a page and to a program: a heading, and what to do now."""

from __future__ import annotations

from robots.portal.wording import marked as _

DENIED = (
    _("Du får inte göra det här"),
    _(
        "Ditt konto har inte den behörigheten, eller så har sidan blivit för gammal. Ladda om sidan och försök igen. "
        "Behöver du behörigheten: säg till den som sköter konton."
    ),
)
REFUSED = _("Det går inte")
LATER = _("Det går inte just nu")
NO_VALUE = _("Ett nummer är för stort, eller en text har ett tecken som inte går att spara.")
AWAY = (
    _("Databasen svarar inte"),
    _("Inget är förlorat: robotarna väntar tills den är tillbaka. Försök igen om en stund."),
)
MISSING = (_("Sidan finns inte"), _("Den kan ha flyttat, eller så når du den inte med ditt konto."))
OFTEN = (_("För många på en gång"), _("Vänta en minut och försök igen. Inget av det du har gjort är förlorat."))
BROKEN = (
    _("Något gick fel"),
    _("Felet står i portalens logg. Händer det igen: säg till robotägaren vad du gjorde och när."),
)
