"""Next year's release of every system: other ids and classes, two other labels, one more field that is demanded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest

from robots.practice.releases import PREFIX, Skin, renamed
from robots.practice.system import PracticeSystem
from robots.practice.systems import load_systems
from tests.practice.conftest import TownProcess
from tests.practice.releases import Release, Visit, load_releases

SYSTEMS = {system.key: system for system in load_systems() if (system.folder / "templates").is_dir()}
RELEASES = load_releases()
TODAY = "2026-03-17"
each_system = pytest.mark.parametrize("key", list(RELEASES))


@pytest.fixture
def visit(town_process: TownProcess, key: str) -> Iterator[Visit]:
    """A user who may change things, logged in to the system."""
    town_process.control.post("/reset", json={"seed": 1, "today": TODAY}).raise_for_status()
    system, release = SYSTEMS[key], RELEASES[key]
    with town_process.browser() as browser:
        name, password = release.login
        answer = browser.post(f"{system.path}/logga-in", data={name: "ragnhild", password: "journal-pass"})
        assert answer.status_code == 200
        yield Visit(town_process, browser, system.path, key)


def switch(visit: Visit, release: int) -> None:
    assert visit.get("/", release=str(release)).status_code in (200, 404)


def shown(visit: Visit, release: Release) -> str:
    return "\n".join(release.pages(visit))


def names(page: str) -> set[str]:
    return {n for value in re.findall(r'\s(?:id|class)="([^"]*)"', page) for n in value.split()}


def texts(page: str) -> set[str]:
    """What a person reads, piece by piece, without the scripts."""
    page = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    return {unescape(" ".join(t.split())) for t in re.findall(r">([^<]+)<", page) if t.strip()}


def words_of(system: type[PracticeSystem]) -> Any:
    assert system.new_field is not None, f"{system.key} has no new field"
    return system.new_field


def test_every_system_that_has_pages_has_its_second_release() -> None:
    assert set(SYSTEMS) == set(RELEASES)


@each_system
def test_ids_and_classes_are_called_otherwise(key: str, visit: Visit) -> None:
    first = names(shown(visit, RELEASES[key]))
    switch(visit, 2)
    second = names(shown(visit, RELEASES[key]))

    assert first
    assert not first & second
    assert {renamed(name) for name in first} <= second


@each_system
def test_the_style_sheet_and_the_scripts_follow(key: str, visit: Visit) -> None:
    switch(visit, 2)
    page = shown(visit, RELEASES[key])
    files = set(re.findall(rf'(?:href|src)="({visit.root}/static/[^"]+\.(?:css|js))"', page))

    assert files
    for address in files:
        assert address.startswith(f"{visit.root}/static/2/")
        assert visit.browser.get(address).status_code == 200
    sheet = visit.browser.get(next(a for a in files if a.endswith(".css"))).text
    styled = set(re.findall(r"\.([A-Za-zåäö][\w-]*)[^{};]*\{", sheet))
    assert styled
    assert all(name.startswith(PREFIX) for name in styled)


@each_system
def test_exactly_two_labels_differ(key: str, visit: Visit) -> None:
    system, release = SYSTEMS[key], RELEASES[key]
    first = texts(shown(visit, release))
    switch(visit, 2)
    second = texts(shown(visit, release))

    def without_sign(words: set[str]) -> set[str]:
        return {w.rstrip(":* ") for w in words}

    new = words_of(system)
    assert len(system.reworded) == 2
    assert without_sign(first - second) == set(system.reworded)
    added = without_sign(second - first) - {new.label, *new.choices}
    assert added - set(system.reworded.values()) <= {w for w in added if w.startswith("Välj")}
    assert set(system.reworded.values()) | {new.label} <= without_sign(second)


@each_system
def test_without_the_new_field_nothing_is_done(key: str, visit: Visit) -> None:
    release, new = RELEASES[key], words_of(SYSTEMS[key])
    switch(visit, 2)

    for wrong in ({}, {new.name: ""}, {new.name: "Något annat"} if new.choices else {new.name: "  "}):
        answer = release.change(visit, **wrong)
        assert new.missing in unescape(answer.text)
        assert release.done(visit, answer) == 0
    assert visit.town.truth(key) == []


@each_system
def test_with_the_new_field_it_is_done_once(key: str, visit: Visit) -> None:
    release = RELEASES[key]
    switch(visit, 2)

    answer = release.change(visit, **{words_of(SYSTEMS[key]).name: release.value})

    assert release.done(visit, answer) == 1


@each_system
def test_the_first_release_asks_for_nothing_new(key: str, visit: Visit) -> None:
    release, new = RELEASES[key], words_of(SYSTEMS[key])
    before = texts(shown(visit, release)), names(shown(visit, release))
    switch(visit, 2)
    switch(visit, 1)

    assert (texts(shown(visit, release)), names(shown(visit, release))) == before
    assert f'name="{new.name}"' not in shown(visit, release)
    assert release.done(visit, release.change(visit)) == 1


@each_system
def test_a_second_release_is_one_browsers_own_affair(key: str, visit: Visit) -> None:
    switch(visit, 2)

    assert f'class="{PREFIX}' in visit.get("/logga-in").text or f'id="{PREFIX}' in visit.get("/logga-in").text
    with visit.town.browser() as other:
        assert PREFIX not in " ".join(names(other.get(f"{visit.root}/logga-in").text))


@pytest.mark.parametrize("key", ["registry"])
def test_a_release_that_is_put_in_overnight_is_everybodys_until_the_town_is_as_new(key: str, visit: Visit) -> None:
    def shows_it() -> bool:
        with visit.town.browser() as other:
            return PREFIX in " ".join(names(other.get(f"{visit.root}/logga-in").text))

    assert not shows_it()
    visit.town.control.post(f"/systems/{key}/release", json={"release": 2}).raise_for_status()
    assert shows_it()
    visit.town.control.post("/reset", json={}).raise_for_status()
    assert not shows_it()


# The rule itself


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        ("text/html", '<p class="a b" id="c">class="d"', '<p class="n-a n-b" id="n-c">class="d"'),
        ("text/html", '<label for="x">Namn</label>', '<label for="n-x">Efternamn</label>'),
        ("text/html", "<td> Namn: </td><b>Namnet</b>", "<td> Efternamn: </td><b>Namnet</b>"),
        ("text/html", '<article id="H-000012">', '<article id="H-000012">'),
        ("text/html", '<a href="#x"><use fill="url(#y)">', '<a href="#n-x"><use fill="url(#n-y)">'),
        ("text/html", "<style>.a{color:red}</style>", "<style>.n-a{color:red}</style>"),
        ("text/html", '<p data-own="x" data-other="x">', '<p data-own="n-x" data-other="x">'),
        ("text/javascript", 'd.getElementById("x").value = "x";', 'd.getElementById("n-x").value = "x";'),
        ("text/javascript", "q.closest('#a .b[data-c=\".d\"] i')", "q.closest('#n-a .n-b[data-c=\".d\"] i')"),
        ("text/javascript", 'e.classList.toggle("a", f("b"))', 'e.classList.toggle("n-a", f("n-b"))'),
        ("text/javascript", 'e.className = on ? "a b" : "";', 'e.className = on ? "n-a n-b" : "";'),
        ("text/javascript", "h = '<i class=\"a\">' + x;", "h = '<i class=\"n-a\">' + x;"),
        ("text/javascript", 'say("words"); said("words")', 'say("n-words"); said("words")'),
        ("text/javascript", 'const y = 1.5; row.closest("tr.a").x', 'const y = 1.5; row.closest("tr.n-a").x'),
        ("text/css", ".a > #b:hover, i.c::after { color: #fff; margin: .5em }",
         ".n-a > #n-b:hover, i.n-c::after { color: #fff; margin: .5em }"),
        ("text/css", "/* .a { */ @media (x) { .a { top: 0 } }", "/* .a { */ @media (x) { .n-a { top: 0 } }"),
        ("application/json", '{"class": ".a"}', '{"class": ".a"}'),
    ],
)  # fmt: skip
def test_one_rule_renames_where_names_stand(kind: str, first: str, second: str) -> None:
    skin = Skin("/prov", {"Namn": "Efternamn"}, {"data-own"}, {"say"})

    assert skin.change(first, kind) == second
