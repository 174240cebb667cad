"""Rounds of random cases, put to a server without the plugin and to the same server with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tests.fixtures.psp_cases import CASES_IN_A_ROUND, Round, make_round
from tests.integration.support.asking import Reply
from tests.integration.support.psp_comparison import Exchange
from tests.integration.support.psp_server import PolicyServer

__all__ = ["PLUGIN", "WITHOUT", "exchanges", "rounds"]

WITHOUT = "NodeRestriction"
PLUGIN = "NodeRestriction,PodSecurityPolicy"
# So many are answered between two restarts of the API server, and kept in memory.
_ROUNDS_IN_A_LEG = 40


def rounds(server: PolicyServer, seed: str, cases: int) -> Iterator[tuple[Round, list[Exchange]]]:
    """Put so many cases, and give them back round by round."""
    count = -(-cases // CASES_IN_A_ROUND)
    sizes = [min(CASES_IN_A_ROUND, cases - number * CASES_IN_A_ROUND) for number in range(count)]
    for first in range(0, count, _ROUNDS_IN_A_LEG):
        last = min(first + _ROUNDS_IN_A_LEG, count)
        yield from _leg(server, [make_round(seed, number, sizes[number]) for number in range(first, last)])


def _leg(server: PolicyServer, leg: Sequence[Round]) -> Iterator[tuple[Round, list[Exchange]]]:
    server.switch(WITHOUT)
    plain = [server.ask(round_.cases) for round_ in leg]
    server.switch(PLUGIN)
    replies = []
    for round_ in leg:
        server.enact(round_)
        replies.append(server.ask(round_.cases))
    notes = server.notes()
    for index, round_ in enumerate(leg):
        yield round_, exchanges(server, round_, plain[index], replies[index], notes)


def exchanges(
    server: PolicyServer,
    round_: Round,
    plain: Sequence[Reply],
    replies: Sequence[Reply],
    notes: Mapping[str, Mapping[str, str]],
) -> list[Exchange]:
    """The round's cases with everything that was said to them."""
    return [
        Exchange(
            case=case,
            sent=server.body(case),
            before=server.before(case),
            plain=without,
            reply=reply,
            notes=notes.get(case.name, {}),
        )
        for case, without, reply in zip(round_.cases, plain, replies, strict=True)
    ]
