"""Somebody wants to read a public document. Which document, the registry knows: each case has one of its own."""

from robots.practice.errands.errand import Errand, Twist

ERRANDS = (
    Errand(
        "registry_request",
        ("Begäran om allmän handling", "Jag vill ta del av en handling", "Utlämnande av handling"),
        "Hej! Jag vill ta del av skrivelsen om {designation} som kommunen har diariefört. Det räcker med en kopia."
        " Skicka den gärna digitalt.",
        "Kontaktcenter",
        {
            "normal": Twist(5),
            "secret": Twist(2),
            "several_hits": Twist(2),
            "checked_out": Twist(2),
            "closed_case": Twist(2),
            "protected": Twist(2, "protected"),
        },
    ),
)
