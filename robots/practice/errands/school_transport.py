"""A guardian asks for a school bus: along the way, because of something else than the way, or once more."""

from robots.practice.errands.errand import Errand, Twist

YOUNG, MIDDLE, OLD = (7, 9), (11, 12), (14, 15)  # so old that the limit is 3, 4 and 5 km, whatever month it is
STREETS = ("municipal_road",)  # the few properties along other roads are for those who ask about the roads

ERRANDS = (
    Errand(
        "school_transport",
        ("Ansökan om skolskjuts", "Skolskjuts till höstterminen", "Får vårt barn åka skolskjuts?"),
        "Hej! Vi vill ansöka om skolskjuts för {child}. Vi bor på {street} och har en lång väg till skolan.",
        "Kontaktcenter",
        {
            "normal_over_limit": Twist(3, family="together", child_turns=YOUNG, to_school=(3190, 4300)),
            "normal_under_limit": Twist(3, land=STREETS, family="siblings", child_turns=MIDDLE, to_school=(900, 3700)),
            "within_five_percent": Twist(2, land=STREETS, family="single", child_turns=OLD, to_school=(4760, 5240)),
            "already_applied": Twist(1, family="together", child_turns=MIDDLE, to_school=(4220, 4960)),
            "alternating_residence": Twist(2, land=STREETS, family="apart", child_turns=YOUNG),
            "other_reason": Twist(2, land=STREETS, family="together", child_turns=YOUNG),
            "special_school": Twist(2, land=STREETS, family="together", child_turns=OLD),
            "protected": Twist(1, "protected", land=STREETS, family="together", child_turns=YOUNG),
        },
    ),
)
