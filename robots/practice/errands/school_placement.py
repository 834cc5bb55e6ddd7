"""A guardian wants a school for a child, and what must be in order before anybody may write it down."""

from robots.practice.errands.errand import Errand, Twist

# So old this year that the child begins year F to 3, or 4 to 6, next autumn, whatever month it is.
YOUNG, MIDDLE = (6, 8), (10, 11)

ERRANDS = (
    Errand(
        "school_choice",
        ("Skolval till hösten", "Vi vill välja skola", "Ansökan om skola för vårt barn"),
        "Hej! Vi vill välja skola för {child} till hösten. Vi har fyllt i önskemålen i e-tjänsten. Hur går vi vidare?",
        "Kontaktcenter",
        {
            "normal": Twist(6, family="together", child_turns=YOUNG),
            "one_signature": Twist(2, family="apart", child_turns=YOUNG),
            "new_in_municipality": Twist(1, "elsewhere", family="together", child_turns=YOUNG),
            "outside_period": Twist(2, family="together", child_turns=MIDDLE),
            "already_chosen": Twist(2, family="together", child_turns=YOUNG),
            "guardians_disagree": Twist(2, family="apart", child_turns=YOUNG),
            "protected": Twist(1, "protected", family="together", child_turns=YOUNG),
        },
    ),
)
