"""Läs en sida: den lättaste uppgift som finns, för mätningar."""

from typing import Annotated

from robots import Describe, Run, task
from robots.systems.driver import Driver


class Reader(Driver):
    """The small page of the benchmarks."""

    system = "small_page"

    def read(self, number: int) -> str:
        self.open("/sida", heading="En sida", nummer=str(number))
        return self.facts(self.part("dl"))["Ort"]


@task(title="Läs en sida", owner="Benchmarks", saves_minutes=0)
def read_page(run: Run, number: Annotated[int, Describe("Nummer")], *, page: Reader) -> None:
    """Läser en sida och gör ingenting mer."""
    with run.step("Läs sidan"):
        assert page.read(number) == "Tallinge"
