"""A message as a post to a channel: in the form that Teams, Slack or a program of the municipality's own takes."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx

from robots.errors import ConfigurationError, NotTaken
from robots.settings import Settings
from robots.telling.letters import Letter
from robots.telling.people import Person
from robots.tls import trusted

SECONDS = 20.0
SLACK_LONGEST = 2900  # characters in a block


def post(settings: Settings, person: Person, letter: Letter, identity: str) -> None:
    """Raises ``NotTaken`` when it is not taken, ``ConfigurationError`` without an address. It is never shown."""
    address = settings.secret(f"webhook.{person.name}", what=f"Webhookens adress för {person.name}").get_secret_value()
    if not address.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise ConfigurationError(f"Webhookens adress för {person.name} ska börja med https://.")
    # A receiver that knows such a header takes the same message once, however often it is sent.
    headers = {"Idempotency-Key": hashlib.sha256(identity.encode()).hexdigest()[:32]}
    try:
        answer = httpx.post(
            address, json=FORMS[person.webhook](letter), headers=headers, timeout=SECONDS, verify=trusted()
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotTaken(f"Webhooken för {person.name} svarar inte ({type(error).__name__}).") from None
    if not answer.is_success:
        raise NotTaken(f"Webhooken för {person.name} tog inte emot meddelandet ({answer.status_code}).")


def teams(letter: Letter) -> dict[str, Any]:
    """An adaptive card, as the workflows of Teams take it."""
    shown: list[dict[str, Any]] = [
        {"type": "TextBlock", "text": letter.subject, "size": "Medium", "weight": "Bolder", "wrap": True}
    ]
    shown += [{"type": "TextBlock", "text": line, "wrap": True} for line in body_of(letter).splitlines() if line]
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
        "body": shown,
    }  # fmt: skip
    if letter.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Öppna i Ragnhild", "url": letter.link}]
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [content]}


def slack(letter: Letter) -> dict[str, Any]:
    """Blocks, and ``text`` for the notification that a telephone shows."""
    body = _escaped(body_of(letter))
    if len(body) > SLACK_LONGEST:
        body = f"{body[:SLACK_LONGEST].rsplit(chr(10), 1)[0]}\n…"
    blocks = [_block(f"*{_escaped(letter.subject)}*")]
    if body:
        blocks.append(_block(body))
    if letter.link:
        blocks.append(_block(f"<{letter.link}|Öppna i Ragnhild>"))
    return {"text": _escaped(letter.subject), "blocks": blocks}


def plain(letter: Letter) -> dict[str, Any]:
    return {"subject": letter.subject, "text": body_of(letter), "link": letter.link}


def body_of(letter: Letter) -> str:
    """The text without the heading that stands above it already, and without the signature of a mail."""
    text = letter.text.partition("\n--\n")[0].strip()
    first, _, rest = text.partition("\n")
    return rest.strip() if first == letter.subject else text


def _block(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


FORMS = {"teams": teams, "slack": slack, "plain": plain}
