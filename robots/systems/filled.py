"""The filled form in front of its button, as it is put before a person."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from robots.systems.asking import Form
from robots.systems.in_page import in_page

if TYPE_CHECKING:  # as in documents.py
    from playwright.sync_api import Locator

    from robots.systems.bench import Committing


def filled_form(making: Committing, button: Locator, *, page: str, picture: str, secret: bool) -> Form:
    """What stands round the button now. ``page`` is the heading, ``picture`` the file that shows it."""
    around = button.evaluate_handle(in_page("around"))
    return Form(
        making.arguments,
        fields=[(words, value) for words, value in around.evaluate(in_page("filled"))],
        facts=around.evaluate(in_page("pairs")),
        files=[(upload.name, hashlib.sha256(upload.content).hexdigest()) for upload in making.uploads],
        page=page, picture=picture, secret=secret,
    )  # fmt: skip
