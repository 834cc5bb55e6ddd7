"""Are the tests worth anything? The code of what must not fail is spoilt in one place at a time: a test must notice.

``make mutants`` takes the ledger, redaction, rights and retention (``modules.toml``). ``making.py`` spoils, by the
operators of cosmic-ray and some of our own (``operators.py``); ``warm.py`` tries each against the tests that reach its
line, in a process forked off from one that has everything else loaded. No file is changed. What no test can notice is
told in ``explained.toml`` with its reason (docs/mutants.md).
"""
