"""The process that a municipality's task runs in: one for each run, shut in, and with nothing that it does not need.

::

    slot ──── starts once ───> template.py   has imported the toolkit; runs no task, and forks
     │                            └─ inside.py   one run: walls.py, then the task's file, then its function
     └─ serving.py <── names and plain values, one question at a time (wire.py) ──┘

What the task sees as its run and its systems are stand-ins: each call is carried out in the slot, by the real one.
"""
