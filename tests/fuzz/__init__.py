"""Text and bytes that nobody would send, for everything that reads what comes from outside: ``make fuzz``.

``parsers.py`` says what is read and what must hold of it, ``hunting.py`` does it; ``test_fuzz.py`` is the short form.
"""
