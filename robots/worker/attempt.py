"""One attempt of one run: the task with its systems, and what its ending means."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from loguru import logger
from playwright.sync_api import Error as PlaywrightError
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from robots.errors import (
    ApplicationException,
    ApprovalNeeded,
    BusinessException,
    CommitsStopped,
    ConfigurationError,
    LoginFailed,
    ProtectedPerson,
    RunCancelled,
    WrongInput,
    in_full,
)
from robots.evidence import Recorder
from robots.evidence.keys import Keys
from robots.evidence.recorder import why_not_kept
from robots.evidence.redaction import redact
from robots.fields import CaseNumber
from robots.inputs import Values
from robots.letters import Letters
from robots.queue.attempts import Claimed, Outcome, end_attempt, finish
from robots.queue.breakers import note_success
from robots.queue.claims import Held, claim
from robots.queue.engine import RetryLater
from robots.settings import Settings
from robots.store import Store
from robots.store.processes import this_process
from robots.tables import Tables
from robots.task import Run, Task
from robots.task_files import LoadedTasks
from robots.version import toolkit_version
from robots.worker.asked import ask_person, asking_of, unanswered
from robots.worker.asking_run import AskingRun
from robots.worker.doubt import doubted, settle_doubts
from robots.worker.left_for_later import ledger_of
from robots.worker.looks import system_looked_at
from robots.worker.needs import needs_of
from robots.worker.observed import Watch, observed
from robots.worker.own_tasks import OWN_TASKS, find_task
from robots.worker.patience import pause_after, waits_out
from robots.worker.reports import report_late, report_run
from robots.worker.rights import demand_rights, given
from robots.worker.systems_at_work import SystemsAtWork
from robots.worker.take_case import NotOurs, take_case
from robots.worker.task_process.processes import Carrier
from robots.worker.task_process.serving import TaskFault
from robots.worker.task_rules import driver_of
from robots.worker.trouble import log_fault, note_trouble, words_of
from robots.worker.versions import Versions, unapproved
from robots.worker.warm_browser import WarmBrowser

# A run whose process died this often is set aside: it may be what kills it.
POISON = 3
# Where no evidence can be kept no run is begun; it is looked for again after so many seconds, and costs no attempt.
PAUSE_WITHOUT_EVIDENCE = 5.0


class Attempt:
    """Carries out one claimed run, and writes its outcome or says when to try again (``RetryLater``)."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        tasks: LoadedTasks,
        browser: WarmBrowser,
        claimed: Claimed,
        *,
        keys: Keys,
        carry: Carrier,
        on_step: Callable[[str], None] | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.settings = settings
        self.store = store
        self.claimed = claimed
        self.tasks = tasks
        self.carry = carry
        self.recorder = Recorder(
            store, settings.evidence_dir, claimed.run_id, claimed.number, keys=keys,
            pictures=settings.evidence == "full", on_step=on_step, watch=watch,
        )  # fmt: skip
        self.systems = SystemsAtWork(settings, store, claimed, browser, self.recorder)

    def carry_out(self) -> str:
        """Returns the outcome's word. Raises ``RetryLater`` when the run is to be tried again."""
        claimed = self.claimed
        self.recorder.event(
            "attempt", f"Försök {claimed.number}", task=claimed.task, robot=claimed.robot, toolkit=toolkit_version()
        )
        try:
            try:
                outcome = self._outcome()
            finally:
                self.systems.close()  # before the last events are written: a trace that is kept is one of them
        except BaseException:
            self.recorder.finish()
            raise
        outcome = replace(outcome, reason=self.recorder.clean(outcome.reason), todo=self.recorder.clean(outcome.todo))
        self.recorder.event("outcome", outcome.outcome, reason=outcome.reason, todo=outcome.todo)
        self.recorder.finish()
        finish(self.store, claimed, outcome)
        if claimed.wary and outcome.outcome == "done":
            note_success(self.store, self.systems.that_answered())
        report_run(self.store, self.tasks, self.recorder.evidence, claimed.task)
        return outcome.outcome

    def _outcome(self) -> Outcome:
        if self.claimed.broken:
            return self._given_to_person(
                self.claimed.broken, ApplicationException.todo, "Systemet går inte att använda"
            )
        if self.claimed.lost_before >= 2 * POISON:  # the handover is what breaks it: the operator is told instead
            return Outcome("failed", "Körningen kraschade", self._died(), "Gör klart ärendet för hand.")
        if self.claimed.lost_before >= POISON:
            return self._given_to_person(self._died(), "Gör klart ärendet för hand.", "Körningen kraschade")
        if stop := unanswered(self.store, self.claimed):
            return self._given_to_person(stop.reason, stop.todo, stop.kind)
        try:
            self._run_task()
        except BusinessException as stop:
            return self._stopped_by(stop)
        except ApprovalNeeded:
            return ask_person(self.settings, self.store, self.claimed, self.systems.asking, self.recorder)
        except RunCancelled as stop:
            return Outcome("cancelled", "Avbruten", str(stop))
        except NotOurs as stop:
            return Outcome("cancelled", "Ärendet är redan taget", str(stop))
        except CommitsStopped as stop:
            raise self._held(str(stop)) from None
        except (ConfigurationError, WrongInput) as error:
            return Outcome("failed", "Felaktig inställning", str(error), "Robotägaren rättar inställningen.")
        except (ApplicationException, PlaywrightError, OperationalError) as error:
            return self._again_or_person(error)
        except Exception as error:  # a fault in a task must not stop the slot; it is told with its line
            log_fault(self.claimed, error)
            words = str(error) if isinstance(error, TaskFault) else f"{type(error).__name__}: {error}"
            return self._given_to_person(
                f"Ett fel i uppgiftens kod: {words}", "Gör klart ärendet för hand och meddela robotägaren.",
                "Fel i uppgiften",
            )  # fmt: skip
        return Outcome("done")

    def _stopped_by(self, stop: BusinessException) -> Outcome:
        protected = isinstance(stop, ProtectedPerson)
        if protected:
            self.recorder.protect()
        return replace(self._given_to_person(in_full(stop, stop.reason), stop.todo, stop.kind), protected=protected)

    def _died(self) -> str:
        words = self.recorder.clean(self.claimed.lost_words)
        return f"Processen har dött {self.claimed.lost_before} gånger under körningen. {words}".strip()

    def _run_task(self) -> None:
        task = find_task(self.tasks, self.claimed.task)
        values = task.inputs.parse(self.claimed.inputs)
        self.recorder.hide(*(str(values.stored.get(name) or "") for name in values.personal))
        asking = self.systems.asking = asking_of(self.store, self.claimed, task)
        self.systems.signature = f"Ragnhild {toolkit_version()}, {task.name} {task.version}"
        systems = self._systems_of(task, values)
        assert self.systems.ledger is not None
        run = Run(
            self.claimed.run_id, self.claimed.robot, date.today(), self.recorder,
            has_made=self.systems.ledger.is_own, letters=Letters(self.settings.config_dir / "letters"),
            tables=Tables(self.settings.config_dir / "tables"), dry_run=self.claimed.dry_run,
        )  # fmt: skip
        if self.claimed.takes_case:
            take_case(self.systems.case_system(), values, self.recorder)
        if task.name in OWN_TASKS:  # the toolkit's own code, which asks for other runs
            asking_run = AskingRun(run, self.settings, self.store, self.tasks)
            task.function(asking_run, **values.arguments, **systems)
        else:
            self.carry(task, run, self.recorder, values.arguments, systems)
        if asking and asking.asked:  # a task that lets no exception through has not done what it believes
            raise ApprovalNeeded(asking.asked.effect.once)

    def _systems_of(self, task: Task, values: Values) -> dict[str, Any]:
        demand_rights(self.settings, task, self.claimed.robot)
        self.systems.ledger = ledger_of(self.store, self.claimed, task.name, values)
        used = given(self.settings, task, self.claimed.robot)
        return dict.fromkeys(each.argument for each in task.systems) | {
            each.argument: self.systems.driver(driver_of(each, self.settings.cases)) for each in used
        }

    # -- endings ------------------------------------------------------------------------------------------------

    def _given_to_person(self, reason: str, todo: str, kind: str) -> Outcome:
        """Hand the case over in the case system; try again later when the case system cannot be reached."""
        # An error's own words may quote what was typed or shown; the case and the database get them without that.
        reason, todo, kind = self.recorder.clean(reason), self.recorder.clean(todo), self.recorder.clean(kind)
        self.recorder.event("handover", reason, todo=todo, kind=kind)
        outcome = Outcome("handed_over", kind, reason, todo)
        if self.claimed.case_number is None:
            return outcome
        try:
            self._hand_over_in_case(CaseNumber(self.claimed.case_number), reason, todo)
        except BusinessException as stop:
            # The case itself cannot be handed over by a robot; the run's outcome tells the operator.
            return Outcome("handed_over", kind, f"{reason} Ärendet kunde inte fördelas: {stop.reason}", todo)
        except ConfigurationError as error:
            return Outcome("failed", kind, f"{reason} Ärendet kunde inte fördelas: {error}", todo)
        except CommitsStopped as stop:
            raise self._held(str(stop)) from None
        except (ApplicationException, PlaywrightError, OperationalError) as error:
            return self._again_or_failed(error, outcome)
        return Outcome("handed_over", kind, reason, todo, in_case=not self.claimed.dry_run)

    def _hand_over_in_case(self, case_number: CaseNumber, reason: str, todo: str) -> None:
        if self.systems.ledger is None:
            task = find_task(self.tasks, self.claimed.task)
            values = task.inputs.parse(self.claimed.inputs)
            self.systems.ledger = ledger_of(self.store, self.claimed, task.name, values)
        # The earlier run may have been handed over too; whoever ordered this one has taken the case back since.
        once = f"överlämning K-{self.claimed.run_id}" if self.claimed.anew else "överlämning"
        self.systems.case_system(is_ending=True).hand_over(case_number, reason, todo, once=once)

    def _again_or_person(self, error: Exception) -> Outcome:
        kind = getattr(error, "kind", ApplicationException.kind)
        todo = getattr(error, "todo", ApplicationException.todo)
        words = words_of(error)
        self.systems.photograph(words)
        # A guide's citizen is told at once that a person does it; what nobody waits for waits for a new password.
        self._demand_usable(error, waits=self.claimed.unattended)
        tries_left = self.claimed.tried < self.settings.attempts or waits_out(
            self.settings, self.store, self.claimed, error
        )
        if tries_left and not isinstance(error, LoginFailed):
            raise self._retry(error)
        return self._given_to_person(in_full(error, f"{kind}: {words}"), todo, kind)

    def _again_or_failed(self, error: Exception, wanted: Outcome) -> Outcome:
        """A handover that could not be written: tried again, and told to the operator when it never can."""
        self._demand_usable(error, waits=True)  # there is nobody to give it to
        if self.claimed.tried < self.settings.attempts * 2 and not isinstance(error, LoginFailed):
            raise self._retry(error)
        return Outcome(
            "failed", wanted.kind, f"{wanted.reason} Ärendet kunde inte fördelas: {words_of(error)}", wanted.todo
        )

    def _demand_usable(self, error: Exception, *, waits: bool) -> None:
        """Put what went wrong down to the system where it did. Raises ``Held`` when that is left alone from now on.

        A run that only looks into the system tells what it has met, and waits for nothing.
        """
        where = self.systems.where(error)
        why = where and note_trouble(self.store, self.claimed, where, error, waits=waits)
        if why and not system_looked_at(self.claimed.task):
            raise self._held(why)

    def _retry(self, error: Exception) -> RetryLater:
        words = self.recorder.clean(words_of(error))
        logger.bind(run=self.claimed.run_id).info("attempt {} failed: {}", self.claimed.number, words)
        self.recorder.event("retry", words, error=type(error).__name__)
        end_attempt(self.store, self.claimed, words)
        return RetryLater(pause_after(self.settings, self.claimed, error))

    def _held(self, words: str) -> Held:
        self.recorder.event("held", words)
        end_attempt(self.store, self.claimed, words, held=words)
        return Held(words)


def attempt_run(
    settings: Settings,
    store: Store,
    tasks: LoadedTasks,
    browser: WarmBrowser,
    run_id: int,
    *,
    carry: Carrier,
    worker_id: int | None = None,
    on_step: Callable[[str], None] | None = None,
    versions: Versions | None = None,
) -> str:
    """Claim the run, with ``versions`` that must be approved, and carry it out; ``on_step`` is told each step's title.

    ``carry`` calls the task's function. Raises ``RetryLater`` (``Held`` when it is not its time) or ``StillAtWork``.
    """
    settle_doubts(store)
    keys = Keys.of(settings, store)
    if why := why_not_kept(settings.evidence_dir) or keys.why_none(run_id):
        logger.error("run {} waits: {}", run_id, why)
        raise RetryLater(PAUSE_WITHOUT_EVIDENCE, why)
    with doubted(run_id):
        claimed = claim(
            store, run_id, this_process(), worker_id=worker_id, needs=partial(needs_of, settings, tasks),
            lease_seconds=settings.lease_seconds, barred=partial(unapproved, versions) if versions else None,
        )  # fmt: skip
    if claimed is None:
        report_late(settings, store, tasks, keys, run_id)
        return "ended"
    try:
        with observed(settings, claimed) as watch:
            attempt = Attempt(
                settings, store, tasks, browser, claimed, keys=keys, carry=carry, on_step=on_step, watch=watch
            )
            return attempt.carry_out()
    except RetryLater:
        raise
    except Exception as error:
        with suppress(SQLAlchemyError), doubted(run_id):
            # A database that goes away is no fault of the run's, which three of them set aside.
            broke = not isinstance(error, OperationalError)
            end_attempt(store, claimed, redact(f"{type(error).__name__}: {words_of(error)}"), broke=broke)
        raise
