"""What the municipality's groups give in the portal: ``config/portal.toml``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

from robots.portal.rights import ALL_TEAMS, Role
from robots.toml_files import checked, read_toml

FILE = "portal.toml"


class Group(BaseModel):
    """A group of the provider's: by the name or number that its tokens have for it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    group: str = Field(min_length=1, description="as the provider writes it; Entra ID writes the object ID")
    roles: frozenset[Role] = Field(description="what its members are", min_length=1)
    teams: frozenset[str] = Field(frozenset(), description="whose runs they reach; * is all")

    @field_validator("roles")
    @classmethod
    def _are_peoples(cls, roles: frozenset[Role]) -> frozenset[Role]:
        if Role.API in roles:
            raise ValueError("Rollen api är för program, som har nycklar och inte loggar in.")
        return roles


def read_groups(path: Path) -> Mapping[str, Group]:
    """By heading. Raises ``ConfigurationError`` with the line where it is wrong, and when there is no such file."""
    return {name: checked(Group, told, path, name) for name, told in read_toml(path).items()}


def unknown_teams(groups: Mapping[str, Group], owners: Collection[str]) -> list[tuple[str, str]]:
    """Headings, with a team of theirs that owns no task."""
    return [(name, team) for name, each in groups.items() for team in sorted(each.teams - {ALL_TEAMS, *owners})]


def given(groups: Mapping[str, Group], held: Collection[str]) -> tuple[frozenset[Role], frozenset[str]]:
    """Roles and teams of somebody who is in these groups; no roles for who is in none that is named."""
    theirs = [each for each in groups.values() if each.group in held]
    return (
        frozenset(role for each in theirs for role in each.roles),
        frozenset(team for each in theirs for team in each.teams),
    )
