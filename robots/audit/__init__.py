"""Who did what, when, about what, for whom and why: added to only, and chained so that a change is found."""
