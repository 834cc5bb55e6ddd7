"""Machines are updated one after the other: what a new version does to the tables, an older worker can live with."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import ROBOTS

VERSIONS = ROBOTS / "store" / "migrations" / "versions"
# Until then all workers had to be ended before the first new one began.
BEFORE = "0005"
# A migration that takes away or changes what older workers use, and what its notes in CHANGELOG.md say of it.
ALL_MUST_REST: dict[str, str] = {
    "0016_audit_chain": "only the desk wrote to the audit, and it is restarted with the update",
    "0018_webhooks": "adds triggers that nobody before knows of, and that ask nothing of who writes",
    "0020_batch_requests": "only the desk writes there, and it asks for less than before",
    "0021_team_webhooks": "only the desk writes there, it asks for less, and the trigger tells older runs as before",
}


def breaks_older(migration: str) -> Iterator[str]:
    """What in a migration an older worker could not live with."""
    for call in ast.walk(ast.parse(migration)):
        match call:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="op"), attr=name)):
                if name == "add_column" and not _may_be_left_out(call):
                    yield "add_column without a value for whoever does not know it"
                elif name not in ("add_column", "create_table", "create_index", "f") and not _only_counts(call):
                    yield name


def _only_counts(call: ast.Call) -> bool:
    """Whether it has the server keep figures about a table, which nobody who writes in it need know."""
    told = call.args[0] if call.args else None
    return isinstance(told, ast.Constant) and str(told.value).startswith("create statistics ")


def _may_be_left_out(call: ast.Call) -> bool:
    column = call.args[1]
    assert isinstance(column, ast.Call)
    told = {keyword.arg: keyword.value for keyword in column.keywords}
    nullable = told.get("nullable")
    return (
        "server_default" in told or nullable is None or (isinstance(nullable, ast.Constant) and nullable.value is True)
    )


MIGRATIONS = [file for file in sorted(VERSIONS.glob("0*.py")) if file.name[:4] > BEFORE]


@pytest.mark.parametrize("file", MIGRATIONS, ids=lambda file: file.stem)
def test_a_migration_only_adds(file: Path) -> None:
    found = list(breaks_older(file.read_text("utf-8")))
    assert found == [] or file.stem in ALL_MUST_REST, "older workers may be at work while it is made"


@pytest.mark.parametrize(
    ("line", "breaks"),
    [
        ('op.drop_column("runs", "key")', True),
        ('op.alter_column("runs", "key", nullable=False)', True),
        ('op.add_column("runs", sa.Column("new", sa.Text(), nullable=False))', True),
        ('op.add_column("runs", sa.Column("new", sa.Text(), nullable=False, server_default=""))', False),
        ('op.add_column("runs", sa.Column("new", sa.Text(), nullable=True))', False),
        ('op.create_index(op.f("ix_runs_key"), "runs", ["key"])', False),
        ('op.execute("create statistics st_runs (mcv) on task, state from runs")', False),
        ('op.execute("alter table runs drop column key")', True),
    ],
)
def test_control_what_older_workers_cannot_live_with_is_seen(line: str, breaks: bool) -> None:
    assert bool(list(breaks_older(line))) == breaks
