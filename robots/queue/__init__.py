"""The queue: runs in PostgreSQL, carried by procrastinate; what we add is the run, its key and its outcome."""
