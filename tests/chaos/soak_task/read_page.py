"""Läs en sida och behåll en bild av den: den lättaste uppgift som lämnar underlag efter sig."""

from typing import Annotated

from benchmarks.reading_task.read_page import Reader
from robots import Describe, Run, task


@task(title="Läs en sida", owner="Ingen", saves_minutes=0)
def read_page(run: Run, number: Annotated[int, Describe("Nummer")], *, page: Reader) -> None:
    """Läser en sida och tar en bild av den."""
    with run.step("Läs sidan"):
        assert page.read(number) == "Tallinge"
    with run.step("Behåll en bild"):
        page.bench.recorder.picture(page.page, "Sidan")
