"""Läs en sida och behåll en bild av den: den lättaste uppgift som lämnar underlag efter sig."""

from typing import Annotated

from robots import Describe, Run, task
from robots.systems.driver import Driver


class Reader(Driver):
    """The small page of the benchmarks."""

    system = "small_page"

    def read(self, number: int) -> str:
        self.open("/sida", heading="En sida", nummer=str(number))
        return self.facts(self.part("dl"))["Ort"]

    def keep_picture(self) -> str:
        return self.photograph(self.page, "Sidan")


@task(title="Läs en sida", owner="Ingen", saves_minutes=0)
def read_page(run: Run, number: Annotated[int, Describe("Nummer")], *, page: Reader) -> None:
    """Läser en sida och tar en bild av den."""
    with run.step("Läs sidan"):
        assert page.read(number) == "Tallinge"
    with run.step("Behåll en bild"):
        page.keep_picture()
