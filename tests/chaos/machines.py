"""Three workers as three machines: ``python -m tests.chaos machines``.

Each is in a network and a pid namespace of its own. Seats under many starts, machines cut off in the middle of a
change, and machines killed. One PostgreSQL over TCP with TLS and a password, on an address that only they reach.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from statistics import median

from tests.chaos import cut_off, visits
from tests.chaos.namespaces import can_be_apart, end_with_starter, run_apart
from tests.chaos.table import Row, at_least, at_most, none, some, told
from tests.chaos.three_flows import FLOWS
from tests.chaos.three_machines import MACHINES
from tests.external_database import MISSING, server_programs

MODULE = "tests.chaos.machines"
PARTS = ("seats", "seats-control", "cuts", "cuts-control", "kills")
STARTS = 1_500
STARTS_A_MINUTE = 30
CONTROL_STARTS = 200
KILLS = 9
CONTROL_CUTS = 3


def rows(arguments: Sequence[str]) -> list[Row]:
    """The table; each part on machines of its own."""
    asked = _options(arguments)
    if server_programs() is None:
        return [told(f"not tried: {MISSING}", 0)]
    if not can_be_apart():
        return [told("not tried: nobody may make network namespaces here (it takes root and «unshare», «ip»)", 0)]
    found = [told("seed", asked.seed)]
    for part in asked.part or PARTS:
        found += [Row(**each) for each in json.loads(run_apart(MODULE, [part, json.dumps(vars(asked))]))]
    return found


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos machines", description=__doc__)
    parser.add_argument("--part", action="append", choices=PARTS)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--starts", type=int, default=STARTS)
    parser.add_argument("--a-minute", type=int, default=STARTS_A_MINUTE, help="starts a minute in the second system")
    parser.add_argument("--flow", action="append", choices=list(FLOWS), default=[])
    parser.add_argument("--moment", action="append", choices=cut_off.MOMENTS, default=[])
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--cuts", type=int, default=CONTROL_CUTS, help="of the control")
    return parser.parse_args(arguments)


def _seats(asked: argparse.Namespace) -> list[Row]:
    seen = visits.visits(asked.starts, asked.seed, starts_a_minute=asked.a_minute)
    return [
        at_least(f"seats: starts over {MACHINES} machines with {visits.SLOTS} slots each", seen.entered, asked.starts),
        told("    starts a second", round(seen.entered / seen.seconds)),
        at_least("    runs of the machine that had the fewest", min(seen.machines.values()), seen.asked // 10),
        none("    not done", seen.asked - seen.done, among=seen.asked),
        at_most("    most sessions in a system at once, by its own count", seen.most_inside, visits.MOST_INSIDE),
        at_most("    most of one account", seen.most_of_account, visits.MOST_OF_ACCOUNT),
        at_most(f"    begun in any {visits.MINUTE:.0f} s (of {seen.in_stock})", seen.most_in_minute, asked.a_minute),
        at_most("    longest wait of who wants to the first system only", seen.longest_wait, visits.LONGEST_WAIT, " s"),
        told("    longest wait of who waits for the minute as well, s", round(seen.longest_wait_for_both, 1)),
        at_most("    most others that came later and went before", seen.overtaken, visits.MOST_OVERTAKEN),
    ]  # fmt: skip


def _seats_control(asked: argparse.Namespace) -> list[Row]:
    seen = visits.visits(min(asked.starts, CONTROL_STARTS), asked.seed, starts_a_minute=5, guard=False)
    among = f"of at most {visits.MOST_INSIDE}, {visits.MOST_OF_ACCOUNT} and 5"
    return [
        some(f"control, always room: sessions too many ({among})", max(0, seen.most_inside - visits.MOST_INSIDE)),
        some("    too many of one account", max(0, seen.most_of_account - visits.MOST_OF_ACCOUNT)),
        some("    too many starts in a minute", max(0, seen.most_in_minute - 5)),
    ]


def _cuts(asked: argparse.Namespace) -> list[Row]:
    flows, moments = asked.flow or list(FLOWS), asked.moment or cut_off.MOMENTS
    made = cut_off.cuts(flows, moments, asked.seed)
    _tell(made)
    return [
        at_least("machines cut off in the middle of a change", made.cuts, len(flows) * len(moments)),
        at_most("    longest until it had ended its own slots", max(made.ended), cut_off.LEFT_SECONDS, " s"),
        told("    until another took over, s", _spread(made.taken_over)),
        none("    taken over before the lease was over", made.too_soon, among=made.cuts),
        told("    until the run was done elsewhere, s", _spread(made.gone_on)),
        told("    until it was at work again after its link, s", _spread(made.back)),
        *_judged(made),
    ]


def _cuts_control(asked: argparse.Namespace) -> list[Row]:
    made = cut_off.cuts_without_lease(asked.cuts, asked.seed)
    account = made.account
    return [some("control, taken over without lease: made twice", account.duplicates, among=account.runs)]


def _kills(asked: argparse.Namespace) -> list[Row]:
    made = cut_off.kills(asked.kills, asked.seed)
    _tell(made)
    return [
        at_least("machines killed with all that was on them", made.kills, asked.kills),
        at_most("    longest until another took over", max(made.taken_over), cut_off.TAKEN_OVER_SECONDS, " s"),
        at_most("    longest until the run was done elsewhere", max(made.gone_on), cut_off.GONE_ON_SECONDS, " s"),
        none("    taken over before the lease was over", made.too_soon, among=made.kills),
        *_judged(made),
    ]


def _judged(made: cut_off.CutOff) -> list[Row]:
    account = made.account
    return [
        none("    made twice", account.duplicates, among=account.runs),
        none("    lost: done, but not in the town", account.losses, among=account.runs),
        none("    without exactly one outcome", account.unfinished, among=account.runs),
        none("    handed over, failed or cancelled", account.handed_over + account.otherwise, among=account.runs),
    ]


def _spread(seconds: Sequence[float]) -> str:
    return f"{median(seconds):.1f}, at most {max(seconds):.1f}" if seconds else "-"


def _tell(made: cut_off.CutOff) -> None:
    for story in made.account.stories:
        print(story, file=sys.stderr, flush=True)


_PARTS: dict[str, Callable[[argparse.Namespace], list[Row]]] = {
    "seats": _seats, "seats-control": _seats_control, "cuts": _cuts, "cuts-control": _cuts_control, "kills": _kills,
}  # fmt: skip


def main() -> None:
    """One part, in the namespaces that this process is the first of."""
    end_with_starter()
    part, told_to_all = sys.argv[1:]
    asked = argparse.Namespace(**json.loads(told_to_all))
    print(json.dumps([asdict(row) for row in _PARTS[part](asked)]))


if __name__ == "__main__":
    main()
