"""Log lines: for people as they always were, for machines one JSON object each, and nobody's data in either."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loguru import logger

from robots.evidence.redaction import Known
from robots.logs import about_run, set_up_logging
from robots.settings import Settings
from tests.conftest import ROOT

NUMBER = "19811118-9802"


@pytest.fixture
def settings(machine: Settings, tmp_path: Path) -> Iterator[Settings]:
    yield machine.model_copy(update={"data_dir": tmp_path, "worker_name": "norra", "log_format": "json"})
    logger.remove()


def written(settings: Settings) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines(settings)]


def lines(settings: Settings) -> list[str]:
    return (settings.data_dir / "logs" / "slot.log").read_text("utf-8").splitlines()


def test_a_line_says_when_what_and_about_which_run(settings: Settings) -> None:
    set_up_logging(settings, "slot", quiet=True)
    with about_run(7, robot="ragnhild", case_number="KC-26110042-4"):
        logger.bind(attempt=2).info("step: {}", "Hämta")
    logger.warning("outside")
    within, outside = written(settings)
    assert within.pop("time").startswith("20")
    assert within == {
        "level": "INFO", "message": "step: Hämta", "program": "slot", "worker": "norra", "run": 7, "case": "…42-4",
        "robot": "ragnhild", "attempt": 2,
    }  # fmt: skip
    assert (outside["level"], "run" in outside) == ("WARNING", False)


PAST_US = """
import logging, sys, threading, warnings
from pathlib import Path
from robots.logs import set_up_logging
from robots.settings import load_settings

def fail():
    raise ValueError("i en tråd 19811118-9802")

set_up_logging(load_settings(data_dir=Path(sys.argv[1])), "slot", quiet=sys.argv[2] == "ours")
if sys.argv[2] == "control":
    logging.getLogger().handlers.clear()
    logging.captureWarnings(False)
    sys.excepthook, threading.excepthook = sys.__excepthook__, threading.__excepthook__
warnings.warn("värdet 811118-9802")
logging.getLogger("uvicorn.error").error("svar 19811118-9802", exc_info=ValueError("070-123 45 67"))
thread = threading.Thread(target=fail)
thread.start()
thread.join()
raise ValueError("till sist 19811118-9802")
"""


@pytest.mark.parametrize("how", ["ours", "control"])
def test_nobody_prints_past_us(tmp_path: Path, how: str) -> None:
    told = subprocess.run(
        [sys.executable, "-c", PAST_US, str(tmp_path), how], capture_output=True, text=True, check=False, cwd=ROOT
    )
    log = (tmp_path / "logs" / "slot.log").read_text("utf-8")
    assert told.returncode == 1
    assert ("9802" in told.stderr + log) == (how == "control")
    if how == "ours":
        assert log.count("[personnummer]") >= 4
        assert "Traceback" not in told.stderr


def test_what_a_run_has_met_stands_in_no_log_line(settings: Settings) -> None:
    set_up_logging(settings, "slot", quiet=True)
    known = Known()
    known.add(["Åsa Älvdotter"])
    logger.error("Åsa Älvdotter svarar inte")
    assert written(settings)[-1]["message"] == "▮▮▮ svarar inte"


def test_what_a_person_has_is_covered_wherever_it_stands(settings: Settings) -> None:
    set_up_logging(settings, "slot", quiet=True)
    try:
        raise ValueError(f"ingen {NUMBER}\nhos eva@example.se")
    except ValueError as error:
        logger.bind(typed=NUMBER, digits=198111189802).opt(exception=error).error('sade "{}"\nradbrott', NUMBER)
    [line] = lines(settings)
    assert "9802" not in line
    assert "eva@" not in line
    told = json.loads(line)
    assert told["message"] == 'sade "[personnummer]" radbrott'
    assert (told["error"], told["why"]) == ("ValueError", "ingen [personnummer] hos [e-post]")
    assert told["digits"] == "[personnummer]"
    assert "test_logs.py:" in told["at"]


def test_for_people_a_line_is_as_it_was(settings: Settings) -> None:
    set_up_logging(settings.model_copy(update={"log_format": "text"}), "slot", quiet=True)
    with about_run(7, robot="ragnhild", case_number=None):
        logger.bind(run=7, attempt=2).info("step: {} {}", "Hämta", NUMBER)
    [line] = lines(settings)
    assert line.partition(" ")[2] == "INFO run=7 attempt=2 step: Hämta [personnummer]"
