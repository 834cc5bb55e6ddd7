"""A schedule that reads a mailbox, with a real worker: a message in, its run out, and never a second one for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from robots.cli.town import Town
from robots.queue.runs import list_runs
from robots.scheduler.by_hand import start_now
from robots.scheduler.scheduler import Scheduler
from robots.settings import Settings, write_secret
from robots.store import Store
from tests.journey.commands import resident, wait_until
from tests.unit.mailboxes import PASSWORD, USER, Post, serving_mail
from tests.unit.test_read_mailbox import ON_THE_WIRE, TAKEN, message

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
NAME = "brevlada"
SCHEDULE = """title = "Ritningar ur e-tjänstens brevlåda"
task = "send_drawings"
[when]
cron = "0 6 * * *"
[messages]
host = "127.0.0.1"
port = {port}
security = "plain"
user = "{user}"
from_domains = ["etjanst.tallinge.example"]
vouched_by = "mx.tallinge.example"
subjects = ["begäran om ritningar"]
subject_is = "Begäran om ritningar {{Ärendenummer}}"
[inputs]
case_number = "{{Ärendenummer}}"
property_id = "{{Fastighetsbeteckning}}"
"""
ANSWERED = ["message_sent", "note_added", "status_set"]


@pytest.fixture
def post() -> Iterator[Post]:
    with serving_mail() as post:
        yield post


@pytest.fixture
def scheduler(settings: Settings, store: Store, post: Post, tmp_path: Path) -> Iterator[Scheduler]:
    folder = tmp_path / "schedules"
    folder.mkdir()
    (folder / f"{NAME}.toml").write_text(SCHEDULE.format(port=post.port, user=USER), "utf-8")
    secret = settings.secrets_dir / f"mailbox.{NAME}"
    write_secret(secret, PASSWORD)
    yield Scheduler(settings.model_copy(update={"schedules_dir": folder}), store)
    secret.unlink()


def asking_for(case: dict[str, str], number: int) -> bytes:
    """What the e-service mails when somebody has asked for drawings."""
    text = f"Hej!\n\nFastighetsbeteckning: {case['property_id']}\nTelefon: vill inte uppge\n"
    return message(text, number=number, subject=f"Begäran om ritningar {case['number']}")


@pytest.mark.long
def test_each_message_has_its_one_run_and_its_answer(
    town: Town, store: Store, scheduler: Scheduler, post: Post, environment: dict[str, str]
) -> None:
    first, second = town.cases("drawings", "normal")[:2]
    post.lay(asking_for(first, 1))
    with resident(environment | {"RAGNHILD_RETRY_SECONDS": "0.1"}, "worker", "--slots", "1"):
        assert read_and_carried_out(scheduler, store) == {"read_mailbox": 1, "send_drawings": 1}
        assert made(town) == {(first["number"], kind): 1 for kind in ANSWERED}
        assert lying(post) == (0, 1)

        post.lay(asking_for(first, 1), asking_for(second, 2))
        assert read_and_carried_out(scheduler, store) == {"read_mailbox": 2, "send_drawings": 2}
    asked = [run for run in list_runs(store) if run.task == "send_drawings"]
    assert {run.case_number for run in asked} == {first["number"], second["number"]}
    assert {(run.outcome, run.started_by) for run in asked} == {("done", f"schema {NAME}")}
    assert made(town) == {(case["number"], kind): 1 for case in (first, second) for kind in ANSWERED}
    assert lying(post) == (0, 3)


def read_and_carried_out(scheduler: Scheduler, store: Store) -> Counter[str]:
    """Start the schedule now, and wait for all that comes of it; the runs so far, by task."""
    start_now(scheduler, NAME, by="test")
    wait_until(lambda: not list_runs(store, states=("queued", "running")))
    return Counter(run.task for run in list_runs(store))


def made(town: Town) -> Counter[tuple[str, str]]:
    """What the town has seen of the answers, by case."""
    return Counter((change["about"], change["kind"]) for change in town.truth() if change["kind"] in ANSWERED)


def lying(post: Post) -> tuple[int, int]:
    """How many messages lie where they came, and among those that were taken."""
    return len(post.lying_in("INBOX")), len(post.lying_in(ON_THE_WIRE[TAKEN]))
