"""Diariet in a real browser: windows, menus and the tree; what is hidden, secret or somebody else's. The judge is the
town."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date

import pytest

from robots.cli.town import Town
from robots.errors import BusinessException, EffectRefused, PageNotRecognised, RecordLocked
from robots.systems.documents import Document
from robots.systems.registry import NO_SECRECY, Reader, Writer
from tests.contract.conftest import Benches, RunAtWork
from tests.contract.systems.registry import KEY, PDF, dnr_of, document_of, forgotten, number_of, title_of

pytestmark = pytest.mark.browser


@pytest.fixture
def run(bench_for: Benches) -> RunAtWork:
    return bench_for.new_run("gunvor")


@pytest.fixture
def writer(run: RunAtWork) -> Writer:
    return run.driver(Writer)


@pytest.fixture
def untouched(town: Town) -> Iterator[Town]:
    yield town
    assert town.truth(KEY) == []


def take_in(
    writer: Writer, town: Town, twist: str = "normal", *, file: Document = PDF, secrecy: str = NO_SECRECY
) -> str:
    return writer.register_document(
        dnr_of(town, twist), "Begäran", "Asta Lind", date.today(), secrecy=secrecy, file=file, once="handling"
    )


# -- reading


@pytest.mark.parametrize("twist", ["normal", "secret", "checked_out", "closed_case"])
def test_reads_the_document_in_its_window(bench_for: Benches, untouched: Town, twist: str) -> None:
    told, reader = document_of(untouched, twist), bench_for(Reader)

    found = reader.document(told["number"])

    assert (found.case, found.title, found.secrecy, found.on.isoformat()) == (
        told["case"], told["title"], told["secrecy"], told["on"],
    )  # fmt: skip
    assert (found.secret, bool(found.checked_out_by), found.case_closed) == (
        twist == "secret", twist == "checked_out", twist == "closed_case",
    )  # fmt: skip
    assert bool(found.file) == (twist != "secret")
    assert [page.url for page in reader.bench.context.pages if "/diarium" in page.url] == [reader.page.url]


def test_fetches_what_is_public_and_nothing_else(bench_for: Benches, untouched: Town) -> None:
    reader = bench_for(Reader)

    file = reader.fetch(reader.document(number_of(untouched)))

    assert len(file.content) == document_of(untouched)["bytes"]
    with pytest.raises(BusinessException) as stop:
        reader.fetch(reader.document(number_of(untouched, "secret")))
    assert stop.value.kind == "Sekretess"


@pytest.mark.parametrize(("twist", "hits"), [("normal", 1), ("several_hits", 2), ("closed_case", 1)])
def test_finds_all_that_there_is(bench_for: Benches, untouched: Town, twist: str, hits: int) -> None:
    reader = bench_for(Reader)

    assert len(reader.documents_about(title_of(untouched, twist))) == hits
    # The control: as the search shows itself.
    assert len(reader.documents_about(title_of(untouched, twist), closed=False)) == (
        0 if twist == "closed_case" else hits
    )


def test_reads_a_branch_of_the_tree_and_is_not_narrowed_by_it(bench_for: Benches, untouched: Town) -> None:
    reader, year = bench_for(Reader), int(untouched.ask("/town")["today"][:4])
    told = {c["dnr"] for c in untouched.act(KEY, "cases", status="Öppet")}

    assert set(reader.cases_of("TN Tekniska nämnden", year)) == {d for d in told if d.startswith(f"TN-{year}")}
    assert reader.case(dnr_of(untouched)).dnr == dnr_of(untouched), "of another board than the one chosen in the tree"


def test_a_list_that_is_cut_is_no_answer(bench_for: Benches, untouched: Town) -> None:
    with pytest.raises(PageNotRecognised, match="träffar men visar"):
        bench_for(Reader).documents_about("Beslut:")


def test_an_unknown_number_is_a_matter_for_a_person(bench_for: Benches, untouched: Town) -> None:
    with pytest.raises(BusinessException) as stop:
        bench_for(Reader).document(f"{dnr_of(untouched)}-99")

    assert stop.value.kind == "Handlingen finns inte"


def test_a_robots_forgotten_check_out_shows(writer: Writer, bench_for: Benches, town: Town) -> None:
    assert writer.my_check_outs() == (forgotten(town),)
    town.act(KEY, "check_out", document=forgotten(town), by="")
    assert writer.my_check_outs() == ()


# -- what is changed


def test_a_document_arrives_whole_with_its_secrecy_mark(writer: Writer, town: Town) -> None:
    receipt = take_in(writer, town, secrecy="OSL 21:3")

    [commit] = town.truth(KEY)
    assert commit["facts"]["number"] == receipt
    assert (commit["facts"]["secrecy"], commit["facts"]["bytes"]) == ("OSL 21:3", len(PDF.content))
    assert writer.document(receipt).secret


def test_who_has_sent_it_stands_in_no_log(run: RunAtWork, town: Town) -> None:
    writer = run.driver(Writer)
    take_in(writer, town)
    writer.bench.recorder.event("prov", "Asta Lind")

    assert [event.title for event in run.events() if event.kind == "prov"] != ["Asta Lind"]


def test_taken_and_given_back_it_has_a_new_version(writer: Writer, town: Town) -> None:
    number = number_of(town)
    writer.check_out(number, "Rättar", once="ut")
    assert writer.document(number).checked_out_by == "Gunvor (robot)"
    writer.check_in(number, PDF, "Rättat", once="in")

    assert [(c["kind"], c["about"]) for c in town.truth(KEY)] == [("checked_out", number), ("checked_in", number)]
    assert writer.document(number).checked_out_by == ""
    file = writer.fetch(writer.document(number))
    assert file.sha256 == hashlib.sha256(PDF.content).hexdigest()


# -- stops, locks and races


def test_a_colleagues_document_is_left_alone(writer: Writer, untouched: Town) -> None:
    number = number_of(untouched, "checked_out")

    with pytest.raises(RecordLocked, match="utcheckad av Marit Sandell"):
        writer.check_out(number, "Rättar", once="ut")
    with pytest.raises(RecordLocked, match="utcheckad av Marit Sandell"):
        writer.check_in(number, PDF, "Rättat", once="in")


def test_a_colleague_is_quicker(writer: Writer, untouched: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    save = Writer._save

    def late(self: Writer, form: object, button: str) -> None:
        untouched.act(KEY, "check_out", document=number_of(untouched))
        save(self, form, button)  # type: ignore[arg-type]  # whatever it was called with

    monkeypatch.setattr(Writer, "_save", late)
    with pytest.raises(EffectRefused, match="utcheckad av Marit Sandell"):
        writer.check_out(number_of(untouched), "Rättar", once="ut")


def test_nothing_is_added_to_a_closed_case(writer: Writer, untouched: Town) -> None:
    with pytest.raises(BusinessException, match="är avslutat"):
        take_in(writer, untouched, "closed_case")


def test_a_file_that_is_not_whole_is_refused(writer: Writer, untouched: Town) -> None:
    with pytest.raises(EffectRefused, match="inte en hel PDF"):
        take_in(writer, untouched, file=Document("halv.pdf", b"%PDF-1.7\n" + b"0" * 9000))


@pytest.mark.usefixtures("logged_out")
def test_a_login_that_ends_in_a_window_is_renewed_before_anything_is_sent(run: RunAtWork, town: Town) -> None:
    writer = run.driver(Writer)
    town.fault(KEY, "logged_out", path="/ny-handling$", method="GET")

    take_in(writer, town)

    assert len(town.truth(KEY)) == 1
    assert [event.kind for event in run.events()].count("login") == 2
