"""The report of a run that has ended: written at its end, or later where there was no room for it then."""

from __future__ import annotations

from robots.evidence.keys import Keys
from robots.evidence.report import REPORT, write_report
from robots.evidence.sealed import RunEvidence
from robots.queue.run_record import report_words
from robots.queue.runs import find_run
from robots.settings import Settings
from robots.store import Store
from robots.task_files import LoadedTasks


def report_run(store: Store, tasks: LoadedTasks, evidence: RunEvidence, task: str) -> None:
    """A later report of the run replaces the one before."""
    write_report(store, evidence, **report_words(tasks.by_name.get(task), task))


def report_late(settings: Settings, store: Store, tasks: LoadedTasks, keys: Keys, run_id: int) -> None:
    """Where evidence was kept of the run, and no report."""
    evidence = RunEvidence.below(settings.evidence_dir, run_id, keys)
    if evidence.folder.is_dir() and not evidence.there(REPORT):
        report_run(store, tasks, evidence, find_run(store, run_id).task)
