"""Something is broken in the street: where it is, what it is, and who has to mend it."""

from robots.practice.errands.errand import Errand, Twist

ERRANDS = (
    Errand(
        "fault_report",
        ("Gatlampan lyser inte", "Hål i gatan", "Klotter på elskåpet", "Full papperskorg"),
        "Hej, jag vill anmäla ett fel utanför {street}. Jag skickar med en bild.",
        "Kontaktcenter",
        {
            "normal": Twist(5, land=("municipal_road",)),
            "danger": Twist(2, land=("municipal_road",)),
            "other_road_owner": Twist(2, land=("state_road",)),
            "duplicate": Twist(2, land=("municipal_road",)),
            "outside_map": Twist(1, "elsewhere"),
            "no_place": Twist(2),
        },
    ),
)
