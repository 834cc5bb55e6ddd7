"""The command line ``ragnhild``: one module for each group of commands."""
