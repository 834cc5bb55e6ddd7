"""Letters: in the citizen's language where somebody answers for the text, else in Swedish, else not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from robots.errors import BusinessException, ConfigurationError
from robots.letters import Letters, letters_in, read_letter
from robots.plain_swedish import remarks

APPROVED = "Godkänd: Karin Ek, kommunikatör, 2026-10-01"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(tmp_path, "plan.sv", f"Ämne: Plan för {{{{ home }}}}\n{APPROVED}\n\nHej!\n\n{{{{ words or 'Här är den.' }}}}\n")
    put(tmp_path, "plan.en", f"Ämne: Plan of {{{{ home }}}}\n{APPROVED}\n\nHello!\n")
    put(tmp_path, "plan.fi", "Ämne: Kaava\n\nHei!\n")
    return tmp_path


def put(folder: Path, name: str, text: str) -> Path:
    file = folder / f"{name}.txt"
    file.write_text(text, "utf-8")
    return file


def test_is_written_in_the_citizen_s_language(folder: Path) -> None:
    letter = Letters(folder).write("plan", "en", home="ASPEN 1", words="")
    assert (letter.language, letter.subject, letter.text) == ("en", "Plan of ASPEN 1", "Hello!")
    assert letter.approved == "Karin Ek, kommunikatör, 2026-10-01"


@pytest.mark.parametrize("language", ["fi", "ar"])
def test_a_draft_or_a_language_without_a_text_is_answered_in_swedish(folder: Path, language: str) -> None:
    letter = Letters(folder).write("plan", language, home="ASPEN 1", words="")
    assert (letter.language, letter.text) == ("sv", "Hej!\n\nHär är den.")


def test_control_the_draft_is_sent_once_it_is_approved(folder: Path) -> None:
    put(folder, "plan.fi", f"Ämne: Kaava\n{APPROVED}\n\nHei!\n")
    assert Letters(folder).write("plan", "fi", home="ASPEN 1").text == "Hei!"


def test_nothing_is_sent_that_nobody_answers_for(folder: Path) -> None:
    put(folder, "plan.sv", "Ämne: Plan\n\nHej!\n")
    with pytest.raises(BusinessException, match="inte godkänt"):
        Letters(folder).write("plan", "sv")


def test_a_letter_that_wants_what_the_task_does_not_give_is_a_fault_of_the_settings(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="'home' is undefined"):
        Letters(folder).write("plan", "sv", words="")


def test_a_letter_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"Brevet besked finns inte på svenska.*") as told:
        Letters(folder).write("besked", "en")
    assert told.value.file.endswith("besked.sv.txt")


def test_what_the_citizen_has_written_is_text_and_nothing_else(folder: Path) -> None:
    hostile = "{{ 7 * 7 }} {% raw %}<script>"
    assert hostile in Letters(folder).write("plan", "sv", home="X", words=hostile).text


def test_a_text_cannot_reach_into_the_program(folder: Path) -> None:
    put(folder, "plan.sv", f"Ämne: A\n{APPROVED}\n\n{{{{ words.__class__.__mro__ }}}}\n")
    with pytest.raises(ConfigurationError, match="unsafe"):
        Letters(folder).write("plan", "sv", words="x")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("Hej!\n", 1, "Överst står"),
        (f"{APPROVED}\n\nHej!", 1, "inget ämne"),
        ("Ämne: A\nGodkänd: Karin\n\nHej!", 2, "namn och datum"),
        ("Ämne: A\nGodkänd: Karin Ek, 2026-13-01\n\nHej!", 2, "namn och datum"),
        ("Ämne: A\n\nHej!\n{{ words\n", 4, "går inte att fylla i"),
    ],
)
def test_a_wrong_text_is_told_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as told:
        read_letter(put(tmp_path, "plan.sv", text))
    assert told.value.line == line


def test_a_file_with_another_name_is_no_letter(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"ritningar\.sv\.txt"):
        read_letter(put(tmp_path, "Plan svenska", "Ämne: A\n\nHej!"))


def test_finds_the_letters_that_a_task_writes() -> None:
    source = 'def f(run):\n    run.letter("plan", "sv")\n    run.letter(name, "sv")\n    letter("x")\n'
    assert letters_in(source) == [(2, "plan")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Du får svar inom en vecka.", []),
        (
            "Vederbörande erhåller svar.",
            ["«erhåller»: skriv hellre «får».", "«vederbörande»: skriv hellre «den det gäller»."],
        ),
        ("Om Ni undrar, ring.", ["«Ni»: skriv du till den som läser."]),
        ("Vi har {{ vederbörande }} här.", []),
        (" ".join(["ord"] * 26) + ".", ["En mening har 26 ord («ord ord ord ord ord …»). Dela den."]),
    ],
)
def test_tells_what_is_hard_to_read(text: str, told: list[str]) -> None:
    assert sorted(remarks(text)) == sorted(told)


def test_our_own_letters_are_easy_to_read_and_complete_in_swedish_and_english() -> None:
    texts = list(Letters(Path("config/letters")).all())
    assert texts
    assert {t.name: remarks(t.body) for t in texts if t.language == "sv" and remarks(t.body)} == {}
    for name in {t.name for t in texts}:
        assert {t.language for t in texts if t.name == name and t.approved} >= {"sv", "en"}, name
