"""What stands in the way of a reservation and of a booking, in the system's own words."""

from __future__ import annotations

from datetime import timedelta

from robots.practice.civil_weddings import roster
from robots.practice.civil_weddings.register import NEW, OFFICE, RESERVED, Application, Register
from robots.practice.civil_weddings.roster import Slot

GONE = "Reservationen har gått ut. Dra vigseln till en tid igen."
LONGEST_REFERENCE, LONGEST_NOTE = 40, 500


def locked(one: Application, by: str) -> str:
    return f"Ärendet är öppet hos {one.locked_by}. Försök igen senare." if one.locked_by not in ("", by) else ""


def reservation_error(register: Register, one: Application, slot: Slot | None, by: str) -> str:
    """Why the time cannot be reserved, else ""; a colleague may be quicker than whoever has just pressed the button."""
    if slot is None or not slot.open:
        return "Det finns ingen vigselförrättare i tjänst på den tiden."
    if slot.day <= register.today:
        return "Välj en dag som inte har varit."
    if words := locked(one, by) or _certificate_error(register, one, slot):
        return words
    if one.status != NEW:
        return f"Vigseln har redan en tid: {one.slot}."
    if slot in register.coveted:
        register.coveted.discard(slot)
        register.taken[slot] = OFFICE
    if who := register.who_has(slot):
        by_whom = f" av {who}" if who in register.taken.values() else ""
        return f"Tiden är inte längre ledig. Den togs nyss{by_whom}."
    return ""


def booking_errors(register: Register, one: Application, by: str, witnesses: list[str], officiant: str) -> list[str]:
    """Why the booking cannot be confirmed, in the order of the form."""
    if one.status != RESERVED or one.slot is None:
        return [GONE]
    if words := locked(one, by) or _certificate_error(register, one, one.slot):
        return [words]
    errors = []
    named = [w for w in witnesses if w]
    if len(named) < roster.FEWEST_WITNESSES:
        errors.append("Ange minst två vittnen.")
    elif len({w.casefold() for w in named}) < len(named):
        errors.append("Vittnena måste vara olika personer.")
    couple = {p.name.casefold() for p in one.couple}
    if any(w.casefold() in couple for w in named):
        errors.append("Den som gifter sig kan inte vara vittne.")
    if officiant not in roster.officiants_on(one.slot.day):
        errors.append("Vigselförrättaren är inte i tjänst den dagen.")
    return errors


def _certificate_error(register: Register, one: Application, slot: Slot) -> str:
    if one.certificate is None:
        last = slot.day - timedelta(days=roster.PAPERS_DAYS_BEFORE)
        return "" if last > register.today else "Vigselintyget ska ha kommit in två veckor före vigseln."
    if one.certificate < slot.day:
        return f"Vigselintyget gäller bara till och med {one.certificate}. Välj en tidigare dag."
    return ""
