"""The case as files: pages that open without network, one document for programs, and a sum of every file."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from robots.disclosure.gathering import Document
from robots.errors import ConfigurationError, WrongInput
from robots.evidence.report import EFFECT_WORDS, OUTCOME_WORDS
from robots.local_time import on_the_wall

INDEX, DOCUMENT, SUMS = "index.html", "arende.json", "innehall.json"
_PART = ".halv"
_pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=select_autoescape(default=True),
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip
_pages.globals.update(outcome_words=OUTCOME_WORDS, effect_words=EFFECT_WORDS)


def _clock(moment: datetime | None) -> str:
    return f"{on_the_wall(moment):%Y-%m-%d %H:%M:%S}" if moment else "–"


_pages.filters["clock"] = _clock


class Target(Protocol):
    """Where files go: a folder, or one zip file."""

    def put(self, name: str, content: bytes) -> None: ...


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, content: bytes) -> None:
        path = self._folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)


class _Zip:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def put(self, name: str, content: bytes) -> None:
        told = zipfile.ZipInfo(name)
        told.external_attr = 0o600 << 16
        self._archive.writestr(told, content, zipfile.ZIP_DEFLATED)


class Summed:
    """Puts files in a target and remembers the sum of each."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self.sums: dict[str, dict[str, Any]] = {}

    def put(self, name: str, content: bytes) -> None:
        self._target.put(name, content)
        self.sums[name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


@contextmanager
def target_at(out: Path) -> Iterator[Summed]:
    """A new folder, or a zip file where the name ends so, for its owner alone: whole, or not there.

    Raises ``WrongInput`` where there is something already, ``ConfigurationError`` where it cannot be written.
    """
    if out.exists():
        raise WrongInput("--out", str(out), "Där finns redan något. Ange en mapp eller zip-fil som inte finns.")
    part = out.with_name(f"{_PART}-{os.getpid()}-{out.name}")
    try:
        if out.suffix.lower() == ".zip":
            opened = os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
            with opened as file, zipfile.ZipFile(file, "w") as archive:
                yield Summed(_Zip(archive))
        else:
            part.mkdir(mode=0o700)
            yield Summed(_Folder(part))
        part.rename(out)
    except OSError as error:
        raise ConfigurationError(f"{out} gick inte att skriva: {error.strerror}.") from None
    finally:
        _take_away(part)


def write_overview(target: Summed, told: Document, *, reason: str, by: str, at: datetime, municipality: str) -> None:
    """The page that the rest is found from, the document for programs, and last the sums of all of them."""
    about = {"reason": reason, "made_by": by, "made_at": at, "municipality": municipality}
    page = _pages.get_template(INDEX).render(told, **about)
    target.put(INDEX, page.encode())
    target.put(DOCUMENT, as_json(told | {"made": about}))
    target.put(SUMS, as_json(target.sums))


def as_json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1, default=str).encode()


def _take_away(part: Path) -> None:
    """What is left of one that was not finished."""
    if part.is_dir():
        shutil.rmtree(part)
    else:
        part.unlink(missing_ok=True)
