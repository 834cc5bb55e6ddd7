"""Klarspråk: what makes a letter to a citizen hard to read. A remark is for the person who approves the text.

The language act (språklagen 2009:600, section 11) wants public language to be «vårdat, enkelt och begripligt».
"""

from __future__ import annotations

import re

LONGEST_SENTENCE = 25  # words
# Words of authorities, and what a person says instead.
STIFF_WORDS = {
    "erhålla": "få", "erhåller": "får", "erlägga": "betala", "inkomma": "lämna in", "inkomna": "de vi har fått",
    "vederbörande": "den det gäller", "härmed": "(stryk)", "ifrågavarande": "den här", "beträffande": "om",
    "åligger": "ska", "föreligger": "finns", "inneha": "ha", "tillse": "se till", "exekvera": "köra",
    "trigga": "starta", "entitet": "(säg vad det är)", "enär": "eftersom", "jämväl": "också", "envar": "alla",
}  # fmt: skip
_SENTENCE = re.compile(r"[^.!?]+")
_WORD = re.compile(r"\w+(?:[-'’]\w+)*")
_FILLED_IN = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


def remarks(text: str) -> list[str]:
    """What a reader stumbles on, in words for the one who wrote it; what the task fills in is left out."""
    plain = _FILLED_IN.sub(" … ", text)
    found = [
        f"«{word}»: skriv hellre «{better}»."
        for word, better in STIFF_WORDS.items()
        if re.search(rf"\b{word}\b", plain, re.IGNORECASE)
    ]
    if re.search(r"\b(?:Ni|Er|Ert|Era)\b", plain):  # with a capital: one person is spoken to as several
        found.append("«Ni»: skriv du till den som läser.")
    for sentence in _SENTENCE.findall(plain):
        words = _WORD.findall(sentence)
        if len(words) > LONGEST_SENTENCE:
            found.append(f"En mening har {len(words)} ord («{' '.join(words[:5])} …»). Dela den.")
    return found
