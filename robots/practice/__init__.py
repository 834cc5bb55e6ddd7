"""Tallinge kommun: the invented municipality that robots practise on.

A process of its own, started by ``python -m robots.practice``. It imports nothing of the toolkit and
nothing of the toolkit imports it; they meet over HTTP and SMTP only, as they would in a real municipality.
"""
