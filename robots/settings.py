"""The only reader of ``config/``, the environment and the secrets."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import date, time
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from robots.errors import AccessDenied, ConfigurationError
from robots.sources.chosen import LISTED, SecretSettings, demanded
from robots.sources.config_files import Delegation, EffectSettings, Robot, SystemSettings
from robots.sources.folders import write_secret
from robots.sources.origins import Origins
from robots.sources.secret import Secrets
from robots.toml_files import checked, line_of, read_toml

__all__ = ["Delegation", "EffectSettings", "Level", "Robot", "Settings", "SystemSettings", "load_settings", "origins",
           "write_secret"]  # fmt: skip

Level = Literal["read", "journal"]
# What the first word of a secret's name is for others than robots.
NOT_FOR_ROBOTS = (
    "database", "evidence", "machine", "mail", "mailbox", "oidc", "practice-users", "smtp", "vault", "webhook",
    "webhooks",
)  # fmt: skip


class Settings(SecretSettings):
    """Every value may be set in ``config/ragnhild.toml`` or as ``RAGNHILD_<NAME>``; the environment wins."""

    model_config = SettingsConfigDict(env_prefix="RAGNHILD_", extra="forbid")

    data_dir: Path = Field(Path(".ragnhild"), description="maskinens databas, underlag, hemligheter och loggar")
    evidence_folder: Path | None = Field(
        None, description="mapp för underlag som alla maskiner delar; utan den ligger de i datamappen"
    )
    config_dir: Path = Field(Path("config"), description="där robots.toml, systems.toml och access.toml ligger")
    tasks_dir: Path = Field(Path("tasks"), description="där uppgifternas filer ligger")
    schedules_dir: Path = Field(Path("schedules"), description="där schemanas filer ligger")
    database_url: SecretStr | None = Field(
        None, description="kommunens PostgreSQL; utan den startas en egen. Lösenordet är hemligheten database"
    )
    town: str = Field("", description="övningskommunens adress; står för {town} i systems.toml")
    municipality: str = Field("Tallinge kommun", description="vems robotar det är; står i brev och anteckningar")
    cases: str = Field("case_management", description="ärendesystemet: ett av dem i robots/cases/")
    slots: int = Field(0, description="körningar på en gång på maskinen; 0 är en per kärna, högst två", ge=0)
    evidence: Literal["full", "steps"] = Field("full", description="full: med bilder; steps: bara stegen")
    browser: str = Field("", description="webbläsarens sökväg; utan den tas den bästa som finns")
    watch: bool = Field(False, description="visa webbläsarens fönster")
    run_minutes: float = Field(10.0, description="en körning som tar längre tid stoppas", gt=0)
    step_minutes: float = Field(4.0, description="en körning med ett steg som tar längre tid stoppas", gt=0)
    slot_memory_mb: int = Field(1500, description="en körning som använder mer minne stoppas", gt=0)
    attempts: int = Field(4, description="hur många gånger en körning försöks innan en människa får den", ge=1)
    note_hours: float = Field(
        72.0, description="så länge väntar anteckning och status på ett ärende som inte går att ändra", gt=0
    )
    answer_hours: float = Field(24.0, description="inom så lång tid är den sökande lovad svar", gt=0)
    warn_hours: float = Field(
        20.0, description="så gammal blir en körning innan det varnas för den och den går före", gt=0
    )
    lease_seconds: float = Field(
        60.0, description="en worker på en annan maskin som är tyst så länge räknas som borta", ge=5
    )
    worker_name: str = Field("", description="vad workern heter; utan namn som maskinen")
    reaches: Annotated[tuple[str, ...], *LISTED] = Field((), description="system som workern når; tom är alla")
    retry_seconds: float = Field(2.0, description="paus före andra försöket; dubblas för varje nytt", gt=0)
    stop_minutes: float = Field(
        5.0, description="så länge får körningar gå klart när workern ska sluta; 0 är inte alls", ge=0
    )
    health_port: int = Field(
        0,
        description="port på 127.0.0.1 för hälsa och mätvärden; schemaläggarens är en högre, portalens två; 0 är av",
        ge=0,
        le=65533,
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="text: loggrader för människor; json: ett JSON-objekt per rad"
    )
    otlp_endpoint: str = Field("", description="adress dit spår av körningar skickas (OTLP över HTTP); tom är av")
    backup_folder: Path | None = Field(None, description="där säkerhetskopior läggs; inte i datamappen")
    backup_hours: float = Field(
        26.0, description="så gammal får den senaste kopian bli innan ragnhild doctor klagar", gt=0
    )
    portal_url: str = Field(
        "", description="portalens adress, för länkar i meddelanden; utan den står ett kommando där"
    )
    smtp_url: str = Field(
        "", description="e-postserver för meddelanden: smtps://användare@server:465. Lösenordet är hemligheten smtp"
    )
    mail_from: str = Field("", description="avsändare av meddelanden; utan den ragnhild@ och maskinens namn")
    digest_at: time = Field(time(7), description="när dagens sammandrag skickas, svensk tid")
    news_minutes: float = Field(30.0, description="så länge samlas likadana nyheter efter ett meddelande om dem", ge=0)
    heartbeat_url: SecretStr | None = Field(
        None, description="adress hos en övervakning utanför, som hämtas varje minut"
    )
    webhook_hosts: Annotated[tuple[str, ...], *LISTED] = Field(
        (), description="värdar dit program får låta sig kallas (webhooks); tom är ingen"
    )
    morning_check_at: str = Field(
        "06:00",
        description="när morgonkontrollen görs varje arbetsdag; tom är aldrig",
        pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$",
    )
    retention_at: str = Field(
        "03:30",
        description="när det som gallringsplanen säger tas bort varje natt; tom är aldrig",
        pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$",
    )
    four_eyes: bool = Field(False, description="en ändrad uppgift körs på riktigt först när två personer står för den")
    walls_required: bool = Field(False, description="uppgifter körs bara på en maskin som kan stänga in dem")
    approval_minutes: float = Field(30.0, description="så länge väntar en körning på Skicka eller Avbryt", gt=0)
    portal_port: int = Field(8700, description="portalens port på 127.0.0.1; 0 är ingen portal", ge=0, le=65535)
    case_page: str = Field("", description="adressen där man läser ett ärende, med {case_number}; utan den ingen länk")
    oidc_issuer: str = Field(
        "", description="kommunens egen inloggning (OpenID Connect): utfärdarens adress, https://…"
    )
    oidc_client_id: str = Field("", description="vad portalen heter där (client_id); hemligheten heter oidc")
    oidc_name: str = Field("", description="knappens text; utan den Logga in med kommunens inloggning")
    oidc_scope: str = Field("openid profile", description="vad portalen ber om där; grupperna måste följa med")
    oidc_groups: str = Field("groups", description="fältet i svaret därifrån som har personens grupper")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the names are the library's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        toml = TomlConfigSettingsSource(settings_cls, _file(init_settings()))
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
        for name in found:
            if name.partition(".")[0] in NOT_FOR_ROBOTS:
                words = f"En robot får inte heta {name}: en annan hemlighet har det namnet."
                raise ConfigurationError(words, str(path), line_of(path, name))
        return found

    def robot_of(self, task: str) -> str:
        """The robot that has the task; "" where none has."""
        return next((name for name, robot in self.robots.items() if task in robot.tasks), "")

    def robot_for(self, task: str) -> Robot:
        """As ``robot_of``. Raises ``ConfigurationError`` where none has."""
        if name := self.robot_of(task):
            return self.robots[name]
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

    def grants(self, robot: str, system: str, level: Level) -> bool:
        granted = self.access.get(robot, {}).get(system)
        return granted == "journal" or (granted is not None and level == "read")

    def demand_access(self, robot: str, system: str, level: Level) -> None:
        """Raise ``AccessDenied`` unless the robot was granted the level (journal includes read)."""
        if not self.grants(robot, system, level):
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
        """The robot user's password in a system: the secret ``<robot>.<system>``, or ``<robot>`` for all of its.

        Raises as ``secret`` does.
        """
        what = f"Lösenordet för roboten {robot} i {system}"
        return demanded(self.secrets_for(system), (f"{robot}.{system}", robot), what)

    def secrets_for(self, system: str) -> Secrets:
        """Where its passwords are looked for.

        For a system of the practice municipality it is the folder in which its opening lays them: what a vault holds is
        the real one, which must never be typed there.
        """
        return Secrets([self.own_secrets]) if self.is_practised(system) else self.secrets

    def is_practised(self, system: str) -> bool:
        """Whether it is a system of the practice municipality."""
        return system in self.systems and "{town}" in self.systems[system].url

    def database_password(self) -> SecretStr | None:
        """What ``database_url`` leaves out: the secret ``database``; None without one."""
        return self.secrets.ask("database")

    @property
    def database_password_file(self) -> Path:
        return self.secrets_dir / "database"


def _file(given: Mapping[str, Any]) -> Path:
    return Path(given.get("config_dir") or os.environ.get("RAGNHILD_CONFIG_DIR", "config")) / "ragnhild.toml"


def origins(**changes: Any) -> Origins:
    """Where each setting comes from. Raises ``ConfigurationError`` when ``ragnhild.toml`` cannot be read."""
    return Origins(_file(changes), os.environ)


def load_settings(**changes: Any) -> Settings:
    """The settings of this machine. Raises ``ConfigurationError`` with the name and place of the wrong value.

    A data folder that is asked for is another machine, so to speak, with runs of its own numbers: their evidence
    must not be put among that of the real runs.
    """
    if "data_dir" in changes:
        changes.setdefault("evidence_folder", None)
    known = origins(**changes)
    known.demand_known(Settings.model_fields)
    try:
        settings = Settings(**changes)
    except ValidationError as error:
        raise known.wrong(error.errors(include_url=False, include_input=False)[0], changes) from None
    _ = settings.secrets  # a source without its address is told now, not by the first run
    return settings
