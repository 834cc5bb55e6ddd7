"""Languages of the pages. Templates and code speak Swedish; the files in ``locale/en`` have it in English."""

from __future__ import annotations

import gettext
from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from robots.errors import marked

__all__ = ["FOLDER", "LANGUAGES", "locale_of", "marked", "translations"]

LANGUAGES = {"sv": "Svenska", "en": "English"}
FOLDER = Path(__file__).parent / "locale"


@cache
def translations(language: str) -> gettext.NullTranslations:
    """Swedish for a language that is not there. Each part of the desk has a file of its own."""
    catalog = Catalog(locale=language)
    for file in sorted((FOLDER / language).glob("*.po")):
        with file.open("rb") as words:
            for message in read_po(words, locale=language):
                catalog[message.id] = message
    if not len(catalog):
        return gettext.NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@cache
def locale_of(language: str) -> Locale:
    """How dates and numbers are written. English as it is written in Sweden: 24 hours, the day first."""
    return Locale("en", "SE") if language == "en" else Locale("sv", "SE")
