"""What must be in order before a school choice is registered, and what its form accepts."""

from __future__ import annotations

from collections.abc import Mapping

from robots.practice.names import MUNICIPALITY
from robots.practice.school_placement.state import Pupil, Register

NO_REASON, SIBLING = "Inget särskilt skäl", "Syskon på skolan"
REASONS = (NO_REASON, SIBLING)
LONGEST_REFERENCE, LONGEST_NOTE = 40, 1000
PLACES = ("Förstahandsval", "Andrahandsval", "Tredjehandsval")


def obstacles(pupil: Pupil, register: Register) -> list[str]:
    """Why nobody may register a choice for the pupil; empty when one may."""
    if not pupil.lives_here:
        return [
            f"Eleven är folkbokförd i {pupil.person.municipality}. Skolval registreras bara för elever som är "
            f"folkbokförda i {MUNICIPALITY}."
        ]
    if not pupil.next_year:
        return ["Eleven går ut årskurs 9 och har ingen skola att välja."]
    found = []
    if closed := register.period_of(pupil.next_year):
        found.append(closed)
    if standing := register.choice_at_work(pupil):
        found.append(f"Eleven har redan ett skolval ({standing.number}). Återta det innan du registrerar ett nytt.")
    if any(guardian.signed is None for guardian in pupil.guardians):
        found.append("Alla vårdnadshavare har inte signerat. Skolvalet kan inte registreras.")
    elif len({guardian.wishes for guardian in pupil.guardians}) > 1:
        found.append("Vårdnadshavarna har lämnat olika önskemål. Skolvalet kan inte registreras.")
    return found


def choice_errors(pupil: Pupil, register: Register, typed: Mapping[str, str]) -> list[str]:
    """In the order of the form."""
    schools = [typed["val1"], typed["val2"], typed["val3"]]
    teaching = register.teaching(pupil.next_year)
    errors = [] if schools[0] else ["Välj en skola som förstahandsval."]
    errors += [
        f"{place}: {school} har inte årskurs {pupil.next_year}."
        for place, school in zip(PLACES, schools, strict=True)
        if school and school not in teaching
    ]
    wished = [school for school in schools if school]
    if len(set(wished)) < len(wished):
        errors.append("Samma skola kan bara väljas en gång.")
    if schools[2] and not schools[1]:
        errors.append("Ange andrahandsvalet före tredjehandsvalet.")
    if typed["skal"] not in REASONS:
        errors.append("Ange skäl för förstahandsvalet.")
    elif typed["skal"] == SIBLING and schools[0] not in [s.school for s in register.siblings_of(pupil)]:
        errors.append(f"Eleven har inget syskon på {schools[0] or 'skolan'}.")
    return errors + reference_errors(typed["referens"])


def note_errors(typed: Mapping[str, str]) -> list[str]:
    errors = [] if typed["text"] else ["Skriv en anteckning."]
    if len(typed["text"]) > LONGEST_NOTE:
        errors.append(f"Anteckningen får vara högst {LONGEST_NOTE} tecken.")
    return errors + reference_errors(typed["referens"])


def reference_errors(reference: str) -> list[str]:
    if len(reference) > LONGEST_REFERENCE:
        return [f"Extern referens får vara högst {LONGEST_REFERENCE} tecken."]
    return []
