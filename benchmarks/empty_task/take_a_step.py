"""Tar ett steg och gör inget mer, för mätningar av hur snart någon ser det."""

from typing import Annotated

from robots import Describe, Run, task


@task(title="Tar ett steg", owner="Benchmarks", saves_minutes=0)
def take_a_step(run: Run, number: Annotated[int, Describe("Nummer")]) -> None:  # noqa: ARG001 - each is another run
    """Tar ett steg."""
    with run.step("Ett steg"):
        pass
