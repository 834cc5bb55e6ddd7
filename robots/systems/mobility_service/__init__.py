"""Alfrida Färdtjänst: a person's file, investigations opened in a wizard that saves by itself, letters, interviews."""

from robots.systems.mobility_service.driver import Reader, Writer
from robots.systems.mobility_service.model import (
    FINAL,
    FIRST,
    LETTER_KINDS,
    REMINDER,
    Application,
    FileRecord,
    InterviewTime,
    Investigation,
    Letter,
    LetterKind,
    MeetingForm,
    time_was_taken,
)

__all__ = [
    "FINAL",
    "FIRST",
    "LETTER_KINDS",
    "REMINDER",
    "Application",
    "FileRecord",
    "InterviewTime",
    "Investigation",
    "Letter",
    "LetterKind",
    "MeetingForm",
    "Reader",
    "Writer",
    "time_was_taken",
]
