"""Schedules: from a file in ``schedules/`` to starts that come once each, and to the runs that they ask for."""
