"""``docs/tasks.md``: every task as its signature and its source describe it. Written by ``make docs``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from robots.letters import SWEDISH, LetterFile, Letters, letters_in
from robots.settings import Settings
from robots.systems.card import card_of
from robots.task import Access, Task
from robots.worker.task_rules import Change, StopRule, TaskSource, driver_of, tables_of

HEAD = """# The tasks

What each task wants to be told, what it may do where, when it stops and gives the case to a person, and what it writes.
`make docs` makes this page from the tasks' signatures and source; a test fails while it is not true. Every task stops
as well when a letter has no approved text, when a table says nothing of the year, and when a page is not as expected.
"""
ACCESS = {"read": "looks", "journal": "looks and changes"}


def document(settings: Settings, tasks: Iterable[Task]) -> str:
    """The whole page, as Markdown."""
    letters = list(Letters(settings.config_dir / "letters").all())
    parts = [HEAD, *("\n".join(_section(settings, task, letters)) + "\n" for task in tasks)]
    return "\n".join(parts)


def _section(settings: Settings, task: Task, letters: list[LetterFile]) -> Iterator[str]:
    drivers = {a.argument: driver_of(a, settings.cases) for a in task.systems}
    source = TaskSource(task, drivers)
    robot = settings.robot_of(task.name) or "no robot"
    yield f"## {task.title}\n"
    yield f"`{task.command}` · {robot} · level *{task.level}* · {task.owner} · saves {task.saves_minutes:g} minutes\n"
    yield f"{task.description.partition(chr(10))[0]}\n"
    yield from _table(["What is typed", "", "Example"], _inputs(task))
    yield from _table(
        ["System", "The robot", "By itself stops when"],
        [[card_of(drivers[a.argument]).title, _access(a), _kinds(source.stop_rules_of(a.argument))]
         for a in task.systems],
    )  # fmt: skip
    rules = source.stop_rules()
    if rules:
        yield from _table(["Stops when", "The person reads", "And is asked to"], [_rule(rule) for rule in rules])
    yield from _table(
        ["What is written", "Where", "Its name in the run"],
        [[c.what, card_of(drivers[c.system]).title, f"«{c.once}»"] for c in _in_order(source.changes())],
    )
    if task.asks_before:
        yield "Waits for a person who looks first: " + ", ".join(f"«{once}»" for once in task.asks_before) + ".\n"
    if asked := dict.fromkeys(name for _, name in letters_in(task.file.read_text("utf-8"))):
        yield "Letters: " + "; ".join(_letter(name, letters) for name in asked) + ".\n"
    if tables := tables_of(task):
        yield "Tables: " + ", ".join(f"`config/tables/{table.name}.toml`" for table in tables) + ".\n"


def _inputs(task: Task) -> Iterator[list[str]]:
    for each in task.inputs:
        needed = "needed" if each.required else "may be left out"
        example = " / ".join(each.choices) or each.words.example
        yield [each.title, needed, example]


def _access(access: Access) -> str:
    return ACCESS[access.level] + (", where it may" if access.optional else "")


def _kinds(rules: list[StopRule]) -> str:
    return ", ".join(dict.fromkeys(rule.kind for rule in rules)) or "–"


def _rule(rule: StopRule) -> list[str]:
    return [rule.kind, rule.reason, rule.todo]


def _in_order(changes: list[Change]) -> list[Change]:
    """The note in the case is written last, wherever its function stands in the file."""
    return sorted(changes, key=lambda change: change.system == "cases")


def _letter(name: str, letters: list[LetterFile]) -> str:
    approved = [each.language for each in letters if each.name == name and each.approved]
    drafts = [each.language for each in letters if each.name == name and not each.approved]
    languages = ", ".join(sorted(approved, key=lambda code: (code != SWEDISH, code)))
    return f"`{name}` ({languages}" + (f"; drafts {', '.join(drafts)}" if drafts else "") + ")"


def _table(head: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |"
    yield ""
