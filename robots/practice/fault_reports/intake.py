"""What a new report must have before it is taken in, in the order of the form."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from starlette.datastructures import FormData, UploadFile

from robots.practice.fault_reports import ground
from robots.practice.fault_reports.ground import Place
from robots.practice.fault_reports.state import CATEGORIES, DANGERS, OF_THE_ROAD, Picture
from robots.practice.town import Town

LONGEST_TEXT, LONGEST_REFERENCE, MOST_PICTURES, LARGEST_PICTURE = 1000, 40, 3, 5_000_000
KINDS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
DUTY_PHONE = "0199-112 00"
DANGER = f"Fara för liv eller hälsa. Ring jouren, {DUTY_PHONE}, och skriv vem du talade med."
OUTSIDE = "Platsen ligger utanför Tallinge kommun."


@dataclass(frozen=True)
class Typed:
    """``place`` is None where no pin has been put."""

    place: Place | None
    group: str
    category: str
    text: str
    duty: str
    nobody_seen: bool
    reference: str
    channel: str
    pictures: tuple[tuple[str, bytes], ...]

    @property
    def kept_pictures(self) -> tuple[Picture, ...]:
        return tuple(Picture(name, sha256(content).hexdigest(), len(content)) for name, content in self.pictures)


async def typed_in(form: FormData) -> Typed:
    def words(name: str) -> str:
        return str(form.get(name, "")).replace("\r\n", "\n").strip()

    chosen = [f for f in form.getlist("bilder") if isinstance(f, UploadFile) and f.filename]
    return Typed(
        place_from(words("n"), words("e")), words("grupp"), words("kategori"), words("beskrivning"), words("jour"),
        words("inga_personer") == "ja", words("referens"), words("kanal"),
        tuple([(f.filename or "", await f.read()) for f in chosen]),
    )  # fmt: skip


def place_from(n: str, e: str) -> Place | None:
    return Place(int(n), int(e)) if n.isdecimal() and e.isdecimal() else None


def errors(typed: Typed, town: Town) -> list[str]:
    found = []
    if typed.place is None:
        found.append("Sätt ut platsen på kartan.")
    elif not typed.place.inside:
        found.append(OUTSIDE)
    elif typed.group in OF_THE_ROAD and (owner := ground.road_owner(town, typed.place)) != ground.OWN_ROADS:
        found.append(f"{owner} är väghållare här. Hänvisa anmälaren dit.")
    if typed.category not in CATEGORIES.get(typed.group, ()):
        found.append("Välj en kategori.")
    if typed.category in DANGERS and not typed.duty:
        found.append(DANGER)
    if len(typed.text) < 5:
        found.append("Beskriv felet.")
    if len(typed.text) > LONGEST_TEXT:
        found.append(f"Beskrivningen får vara högst {LONGEST_TEXT} tecken.")
    if len(typed.reference) > LONGEST_REFERENCE:
        found.append(f"Extern referens får vara högst {LONGEST_REFERENCE} tecken.")
    return found + _picture_errors(typed)


def _picture_errors(typed: Typed) -> list[str]:
    found = []
    if len(typed.pictures) > MOST_PICTURES:
        found.append(f"Högst {MOST_PICTURES} bilder kan bifogas.")
    for name, content in typed.pictures:
        if not content.startswith(KINDS):
            found.append(f"{name} är ingen bild (JPEG eller PNG).")
        elif len(content) > LARGEST_PICTURE:
            found.append(f"{name} är större än 5 MB.")
    if typed.pictures and not typed.nobody_seen:
        found.append("Bekräfta att inga personer syns på bilderna.")
    return found
