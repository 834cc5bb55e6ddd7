"""One way to ask for a secret: the sources in their order, and the first that has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

from pydantic import SecretStr

from robots.errors import ConfigurationError, RagnhildError


class Source(Protocol):
    """A place where secrets lie, each under a name."""

    @property
    def key(self) -> str:
        """What it is called in the setting ``secret_sources``."""

    @property
    def over_network(self) -> bool:
        """Whether asking takes a network, so that an answer is worth keeping for a moment."""

    def place(self, name: str) -> str:
        """Where in it the secret lies, or is to be put, in Swedish: «filen …»."""

    def read(self, name: str) -> str | None:
        """The secret; None when it certainly is not there.

        Raises ``SecretsUnavailable`` when the source does not answer, and ``ConfigurationError`` when an admin has to
        mend something. Neither shows anything of a secret.
        """


@dataclass(frozen=True)
class Traced:
    """What came of looking for a secret, for people: never the secret itself.

    ``place`` is where it was found, "" when it is missing. ``hidden`` are the places further down that hold the same
    name and are not read. ``problem`` is why nobody can tell.
    """

    place: str = ""
    source: str = ""
    hidden: tuple[str, ...] = ()
    problem: str = ""


class Secrets:
    """Sources in the order in which they are asked. What a network has told is kept for ``keep_seconds``."""

    def __init__(self, sources: Sequence[Source], keep_seconds: float = 0.0) -> None:
        self._sources = tuple(sources)
        self._keep_seconds = keep_seconds
        self._kept: dict[tuple[str, str], tuple[float, SecretStr | None]] = {}

    def ask(self, *names: str) -> SecretStr | None:
        """The secret under the first of the names that any source has; None when none has it.

        A source that cannot tell ends the search: one behind it may hold a password from before it was changed.
        Raises ``SecretsUnavailable`` or ``ConfigurationError`` with the place.
        """
        for name in names:
            for source in self._sources:
                found = self._read(source, name)
                if found is not None:
                    return found
        return None

    def places(self, *names: str) -> list[str]:
        """Everywhere that ``ask`` looks for it, in that order."""
        return [source.place(name) for name in names for source in self._sources]

    def trace(self, *names: str) -> Traced:
        """Where ``ask`` finds it, and where else it lies."""
        for name in names:
            for place, source in enumerate(self._sources):
                try:
                    found = self._read(source, name)
                except RagnhildError as error:
                    return Traced(problem=str(error))
                if found is not None:
                    hidden = [s.place(name) for s in self._sources[place + 1 :] if self._has(s, name)]
                    return Traced(source.place(name), source.key, tuple(hidden))
        return Traced()

    def _has(self, source: Source, name: str) -> bool:
        try:
            return self._read(source, name) is not None
        except RagnhildError:  # it is not asked by a run either
            return False

    def _read(self, source: Source, name: str) -> SecretStr | None:
        until, kept = self._kept.get((source.key, name), (0.0, None))
        if monotonic() < until:
            return kept
        demand_name(name)
        told = source.read(name)
        # An editor and an «echo» end a file with a line break; no password does.
        plain = None if told is None else told.rstrip("\r\n")
        if plain == "":
            raise ConfigurationError(f"Hemligheten är tom: {source.place(name)}.")
        secret = None if plain is None else SecretStr(plain)
        if source.over_network:
            self._kept[source.key, name] = (monotonic() + self._keep_seconds, secret)
        return secret


def demand_name(name: str) -> None:
    """Raise ``ConfigurationError`` for a name that would lead out of the folder, or to a file of another kind."""
    if not name or name.startswith(".") or any(sign in name for sign in "/\\:") or not name.isprintable():
        raise ConfigurationError(
            f"{name!r} går inte att använda som namn på en hemlighet: det får inte börja med punkt, och inte ha "
            "snedstreck eller kolon i sig."
        )
