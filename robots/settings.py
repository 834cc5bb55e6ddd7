"""The only reader of ``config/``, the environment and the secrets."""

from __future__ import annotations

import json
import os
import secrets
import tomllib
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from robots.errors import AccessDenied, ConfigurationError
from robots.toml_files import checked, read_toml

Level = Literal["read", "journal"]


class Delegation(BaseModel):
    """The board's decision that lets a robot decide in one task: its ``number``, and the last day it holds."""

    model_config = ConfigDict(extra="forbid")

    number: str = Field(min_length=3)
    until: date


class Robot(BaseModel):
    """A named robot user (``config/robots.toml``): its account in the systems and the tasks it carries out.

    ``delegations`` are by task; without one a robot decides nothing.
    """

    model_config = ConfigDict(extra="forbid")

    name: str = ""
    title: str
    owner: str
    user: str
    tasks: list[str]
    delegations: dict[str, Delegation] = {}


class EffectSettings(BaseModel):
    """What this municipality knows of one kind of change in a system; without a value the driver's own counts."""

    model_config = ConfigDict(extra="forbid")

    settle_seconds: float | None = Field(None, description="how late the system may commit just this", ge=0)
    rearms: int | None = Field(None, description="how often it may be sent anew once it is certainly absent", ge=0)


class SystemSettings(BaseModel):
    """Where a system is and how this municipality uses it (``config/systems.toml``)."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(description="the address it is reached at; {town} stands for the practice municipality")
    settle_seconds: float = Field(3.0, description="how late the system may commit what it was sent", ge=0)
    effects: dict[str, EffectSettings] = Field({}, description="the same for one kind of change, by its name")
    timeout_seconds: float = Field(15.0, description="how long a page or a thing on it may take", gt=0)
    most_sessions: int | None = Field(
        None,
        description="robots in the system at once, over all workers; 0 is no limit; without it as its card says",
        ge=0,
    )
    most_sessions_per_robot: int = Field(0, description="the same for each robot's account; 0 is no limit", ge=0)
    starts_per_minute: int = Field(0, description="runs that may begin in a minute; 0 is no limit", ge=0)
    names: dict[str, str] = Field({}, description="what its views, fields and values are called in this installation")


class Settings(BaseSettings):
    """Every value may be set in ``config/ragnhild.toml`` or as ``RAGNHILD_<NAME>``; the environment wins."""

    model_config = SettingsConfigDict(env_prefix="RAGNHILD_", extra="forbid")

    data_dir: Path = Field(Path(".ragnhild"), description="the database, evidence, secrets and logs of this machine")
    evidence_folder: Path | None = Field(
        None, description="evidence in a folder that all machines share; without it in the data folder"
    )
    config_dir: Path = Field(Path("config"), description="where robots.toml, systems.toml and access.toml lie")
    tasks_dir: Path = Field(Path("tasks"), description="where the task files lie")
    schedules_dir: Path = Field(Path("schedules"), description="where the schedule files lie")
    database_url: SecretStr | None = Field(
        None, description="the municipality's PostgreSQL; without it an own one. Its password: file secrets/database"
    )
    town: str = Field("", description="address of the practice municipality; stands for {town} in systems.toml")
    municipality: str = Field("Tallinge kommun", description="whose robots these are; stands in letters and notes")
    cases: str = Field("case_management", description="the case system: one of robots/cases/")
    slots: int = Field(0, description="runs at once on this machine; 0 means one a core, two at most", ge=0)
    evidence: Literal["full", "steps"] = Field("full", description="with pictures, or the step log alone")
    browser: str = Field("", description="path of the browser; without it the best installed one is found")
    watch: bool = Field(False, description="show the browser window")
    run_minutes: float = Field(10.0, description="a run that takes longer is stopped", gt=0)
    step_minutes: float = Field(4.0, description="a run with a step that takes longer is stopped", gt=0)
    slot_memory_mb: int = Field(1500, description="a run whose processes together use more is stopped", gt=0)
    attempts: int = Field(4, description="how often a run is tried before a person gets it", ge=1)
    note_hours: float = Field(72.0, description="how long a note waits for a case system that does not answer", gt=0)
    answer_hours: float = Field(24.0, description="how soon a citizen is promised an answer", gt=0)
    warn_hours: float = Field(20.0, description="how old a run may grow before it is warned of and goes first", gt=0)
    lease_seconds: float = Field(60.0, description="a worker on another machine that is silent so long is gone", ge=5)
    worker_name: str = Field("", description="what this worker is called; without it by its machine")
    reaches: tuple[str, ...] = Field((), description="systems this worker can reach; empty means all of them")
    retry_seconds: float = Field(2.0, description="pause before the second attempt; doubled for each one after", gt=0)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the names are the library's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        folder = Path(init_settings().get("config_dir") or os.environ.get("RAGNHILD_CONFIG_DIR", "config"))
        toml = TomlConfigSettingsSource(settings_cls, folder / "ragnhild.toml")
        return init_settings, env_settings, toml

    @property
    def slot_count(self) -> int:
        return self.slots or min(2, os.cpu_count() or 1)

    @property
    def evidence_dir(self) -> Path:
        return self.evidence_folder or self.data_dir / "evidence"

    @property
    def secrets_dir(self) -> Path:
        return self.data_dir / "secrets"

    @cached_property
    def robots(self) -> dict[str, Robot]:
        """By name. Raises ``ConfigurationError`` when the file is missing or wrong, or a task has two robots."""
        path = self.config_dir / "robots.toml"
        found = {n: checked(Robot, {**v, "name": n}, path, n) for n, v in read_toml(path).items()}
        seen: dict[str, str] = {}
        for robot in found.values():
            for task in robot.tasks:
                if task in seen:
                    raise ConfigurationError(
                        f"Uppgiften {task} har två robotar: {seen[task]} och {robot.name}.", str(path)
                    )
                seen[task] = robot.name
        return found

    def robot_for(self, task: str) -> Robot:
        for robot in self.robots.values():
            if task in robot.tasks:
                return robot
        raise ConfigurationError(f"Ingen robot har uppgiften {task}.", str(self.config_dir / "robots.toml"))

    @cached_property
    def systems(self) -> dict[str, SystemSettings]:
        path = self.config_dir / "systems.toml"
        return {n: checked(SystemSettings, v, path, n) for n, v in read_toml(path).items()}

    def system(self, key: str) -> SystemSettings:
        """The system's settings, with ``{town}`` in its address filled in."""
        if key not in self.systems:
            raise ConfigurationError(f"Systemet {key} har ingen adress.", str(self.config_dir / "systems.toml"))
        told = self.systems[key]
        if "{town}" not in told.url:
            return told
        if not self.town_address:
            raise ConfigurationError(
                f"Systemet {key} ligger i övningskommunen, men den är inte igång. Starta den med: ragnhild practice"
            )
        return told.model_copy(update={"url": told.url.replace("{town}", self.town_address)})

    @property
    def town_address(self) -> str:
        """Where the practice municipality is: as set, or as the one that runs on this machine has told."""
        if self.town:
            return self.town
        told = self.data_dir / "practice.json"
        return f"http://127.0.0.1:{json.loads(told.read_text())['port']}" if told.exists() else ""

    @cached_property
    def access(self) -> dict[str, dict[str, Level]]:
        """Robot -> system -> level, as granted in ``config/access.toml``."""
        path = self.config_dir / "access.toml"
        granted: dict[str, dict[str, Level]] = {}
        for robot, rights in read_toml(path).items():
            for system, level in rights.items():
                if level not in ("read", "journal"):
                    raise ConfigurationError(f"{robot}.{system}: {level!r} ska vara read eller journal.", str(path))
            granted[robot] = rights
        return granted

    def demand_access(self, robot: str, system: str, level: Level) -> None:
        """Raise ``AccessDenied`` unless the robot was granted the level (journal includes read)."""
        granted = self.access.get(robot, {}).get(system)
        if granted is None or (level == "journal" and granted != "journal"):
            raise AccessDenied(
                f"Roboten {robot} har inte behörigheten {level} i {system}.", str(self.config_dir / "access.toml")
            )

    def demand_delegation(self, robot: str, task: str, on: date) -> Delegation:
        """The decision by which the robot may decide in this task. Raises ``AccessDenied`` without one that holds."""
        file = str(self.config_dir / "robots.toml")
        delegation = self.robots[robot].delegations.get(task)
        if delegation is None:
            raise AccessDenied(f"Roboten {robot} har ingen delegation att besluta i uppgiften {task}.", file)
        if delegation.until < on:
            words = f"Delegationen {delegation.number} för {task} gällde till och med {delegation.until}."
            raise AccessDenied(words, file)
        return delegation

    def password(self, robot: str, system: str) -> SecretStr:
        """The robot user's password in a system: the file ``secrets/<robot>.<system>`` or ``secrets/<robot>``."""
        for name in (f"{robot}.{system}", robot):
            path = self.secrets_dir / name
            if path.is_file():
                return _secret(path)
        raise ConfigurationError(
            f"Lösenordet för roboten {robot} i {system} saknas. Lägg det i filen {self.secrets_dir / robot}."
        )

    def database_password(self) -> SecretStr | None:
        """What ``database_url`` leaves out: the file ``secrets/database``; None without one."""
        path = self.database_password_file
        return _secret(path) if path.is_file() else None

    @property
    def database_password_file(self) -> Path:
        return self.secrets_dir / "database"

    def machine_key(self) -> bytes:
        """The key that login sessions are encrypted with on this machine; made the first time it is asked for."""
        path = self.secrets_dir / "machine.key"
        if not path.exists():
            from cryptography.fernet import Fernet

            write_secret(path, Fernet.generate_key().decode(), keep=True)
        return path.read_bytes()


def _secret(path: Path) -> SecretStr:
    try:
        return SecretStr(path.read_text("utf-8").rstrip("\n"))
    except (OSError, UnicodeDecodeError) as error:  # the latter's own words hold what is in the file
        why = error.strerror if isinstance(error, OSError) else "den är inte skriven i UTF-8"
        raise ConfigurationError(f"Filen går inte att läsa ({why}).", str(path)) from None


def write_secret(path: Path, text: str, *, keep: bool = False) -> None:
    """Write a file that only its owner may read. With ``keep``, one that is there already stays as it is."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    if keep:
        try:
            os.link(part, path)
        except FileExistsError:
            pass
        finally:
            part.unlink()
    else:
        part.replace(path)


def load_settings(**changes: Any) -> Settings:
    """The settings of this machine. Raises ``ConfigurationError`` with the name of the wrong value.

    A data folder that is asked for is another machine, so to speak, with runs of its own numbers: their evidence
    must not be put among that of the real runs.
    """
    if "data_dir" in changes:
        changes.setdefault("evidence_folder", None)
    try:
        return Settings(**changes)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(p) for p in first["loc"])
        raise ConfigurationError(f"Inställningen {name}: {first['msg']}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"Filen ragnhild.toml går inte att läsa: {error}") from None
