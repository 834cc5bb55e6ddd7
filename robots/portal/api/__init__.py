"""The desk for programs: the same rights, rules and words as the pages, as JSON under ``/api/v1``."""
