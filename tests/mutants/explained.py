"""What no test can notice, and why: ``explained.toml``."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

FILE = Path(__file__).with_name("explained.toml")


class Explained(BaseModel):
    """A mutant: in ``file``, ``was`` became ``becomes``. ``becomes`` left out is whatever becomes of those words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    was: str
    becomes: tuple[str, ...] = ()
    why: str = Field(min_length=20)

    def is_about(self, file: str, was: str, becomes: str) -> bool:
        return (self.file, self.was) == (file, was) and (not self.becomes or becomes in self.becomes)


def explained() -> list[Explained]:
    return [Explained(**each) for each in tomllib.loads(FILE.read_text("utf-8")).get("mutant", [])]


def gone(told: list[Explained]) -> list[Explained]:
    """Those whose words do not stand in their file any more."""
    texts = {each.file: " ".join(Path(each.file).read_text("utf-8").split()) for each in told}
    return [each for each in told if " ".join(each.was.split()) not in texts[each.file]]
