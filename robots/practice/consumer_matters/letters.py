"""The letter: old templates with their mark-up, what is kept of an editor's text, and what the system adds itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

# What colleagues have saved through the years, with what their word processors put in. The first one opens by itself.
TEMPLATES: dict[str, tuple[str, str]] = {
    "forra": (
        "Senast använda brev",
        '<p style="margin:0"><font face="Calibri" size="2"><b>Hej Gunvor!</b></font></p><p><span style="font-size:11pt'
        '">Tack för ditt samtal i tisdags om din diskmaskin.</span></p><p><i>Jag har ringt butiken igen.</i></p>',
    ),
    "anger": (
        "Ångerrätt vid distansköp",
        '<p><b><u>Hej [NAMN]!</u></b></p><p>Du har ångerrätt i <b>14 dagar</b>.</p><table border="1"><tr><td>Köpet</td>'
        '<td>[KÖPDATUM]</td></tr></table><p>Läs mer på <a href="https://konsument.example/">vår webbplats</a>.</p>',
    ),
    "reklamation": (
        "Reklamation av vara",
        '<p class="MsoNormal">Hej [NAMN]!</p>'
        "<ul><li>Du kan reklamera i tre år.</li><li>Skriv till [FÖRETAG].</li></ul>",
    ),
    "bluff": (
        "Bluffaktura",
        "<div>Hej [NAMN]!</div><div><br></div><div><strong>Betala inte fakturan.</strong>"
        " Bestrid den skriftligt.</div>",
    ),
}
_BLOCKS = {"p", "div", "li", "tr", "h1", "h2", "h3", "table", "ul", "ol"}


@dataclass(frozen=True)
class Draft:
    """A letter that has been written and not been sent. ``by`` is the user who wrote it."""

    id: str
    matter: str
    by: str
    channel: str
    subject: str
    text: str
    reference: str


class _Plain(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.lines = [""]

    def handle_starttag(self, tag: str, _attributes: object) -> None:
        if tag == "br" or tag in _BLOCKS:
            self._break()

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._break()
        elif tag == "td":
            self.lines[-1] += " "

    def handle_data(self, data: str) -> None:
        self.lines[-1] += data

    def _break(self) -> None:
        if self.lines[-1].strip():
            self.lines.append("")


def plain(html: str) -> str:
    """The editor's text as it is sent: one line a paragraph, no mark-up, no empty paragraphs, printer's quotes and
    dashes."""
    parser = _Plain()
    parser.feed(html)
    lines = [" ".join(line.split()) for line in parser.lines]
    text = "\n".join(line for line in lines if line)
    return re.sub(r'["“]', "”", text).replace(" - ", " – ")


def signature(user: str) -> tuple[str, ...]:
    """What every letter ends with, whoever has already said good-bye."""
    return ("Med vänlig hälsning", user, "Konsumentvägledningen i Tallinge kommun", "Telefon 0199-174 600")
