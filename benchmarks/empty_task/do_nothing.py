"""Gör ingenting: det som blir kvar är vad det kostar att köra en uppgift, för mätningar."""

from typing import Annotated

from robots import Describe, Run, task


@task(title="Gör ingenting", owner="Benchmarks", saves_minutes=0)
def do_nothing(run: Run, number: Annotated[int, Describe("Nummer")]) -> None:
    """Gör ingenting."""
