"""Which waiting pairs hang together: customers that may all be one make a cluster."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    String,
    and_,
    bindparam,
    cast,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.orm import Session, aliased

from crmlib.customers.model import LIVE, Customer
from crmlib.duplicates.model import DuplicatePair
from crmlib.duplicates.review import is_waiting

# A pair below this joins nobody: chains of mere resemblance would tie half the base together.
JOINED = 0.7
MOST = 60  # members looked for; who sees more has another problem than duplicates
PAIR_SIZE = 2
A, B = aliased(Customer), aliased(Customer)


def joins() -> ColumnElement[bool]:
    """Return the condition that a pair ties its two customers together."""
    return and_(is_waiting(), DuplicatePair.same >= JOINED)


def components(edges: Iterable[tuple[int, int]]) -> dict[int, frozenset[int]]:
    """Return for each customer of the edges all those he hangs together with."""
    above: dict[int, int] = {}

    def top(key: int) -> int:
        while above.setdefault(key, key) != key:
            above[key] = above[above[key]]
            key = above[key]
        return key

    for a, b in edges:
        above[top(a)] = top(b)
    groups: dict[int, set[int]] = defaultdict(set)
    for key in above:
        groups[top(key)].add(key)
    whole = {root: frozenset(members) for root, members in groups.items()}
    return {key: whole[top(key)] for key in above}


def sizes(session: Session) -> dict[int, int]:
    """Return the size of the cluster of every waiting pair whose cluster is more than a pair."""
    found = components(session.execute(_edges()))
    large = {key: len(group) for key, group in found.items() if len(group) > PAIR_SIZE}
    if not large:
        return {}
    waiting = session.execute(
        select(DuplicatePair.id, DuplicatePair.a_id, DuplicatePair.b_id).where(is_waiting())
    )
    return {
        pair: large[a] for pair, a, b in waiting if a in large and b in found.get(a, frozenset())
    }


def size_table(session: Session, found: Mapping[int, int]) -> CTE:
    """Return the sizes as a table (pair_id, size) the database can join, filter and sort by."""
    told = bindparam("cluster_sizes", json.dumps(found), String)
    if session.get_bind().dialect.name == "sqlite":
        rows = func.json_each(told).table_valued("key", "value")
    else:
        rows = func.json_each_text(cast(told, JSON)).table_valued("key", "value")
    return (
        select(
            cast(rows.c.key, Integer).label("pair_id"), cast(rows.c.value, Integer).label("size")
        )
        .cte("cluster_size")
        .prefix_with("MATERIALIZED", dialect="sqlite")
    )


def around(session: Session, ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """Return the clusters of these customers; those tied to nobody are left out."""
    seen: set[int] = set()
    edge = set(ids)
    edges: set[tuple[int, int]] = set()
    most = max(MOST, len(edge) * PAIR_SIZE)
    while edge and len(seen) < most * PAIR_SIZE:
        near = session.execute(
            _edges().where(or_(DuplicatePair.a_id.in_(edge), DuplicatePair.b_id.in_(edge)))
        )
        new = {(row.a_id, row.b_id) for row in near}
        seen |= edge
        edges |= new
        edge = {key for pair in new for key in pair} - seen
    return components(edges)


def members_of_pair(session: Session, pair: DuplicatePair) -> frozenset[int]:
    """Return the members of a pair's cluster; the two alone when it joins nobody."""
    members = around(session, [pair.a_id]).get(pair.a_id, frozenset())
    return members if pair.b_id in members else frozenset({pair.a_id, pair.b_id})


def _edges() -> Any:
    return (
        select(DuplicatePair.a_id, DuplicatePair.b_id)
        .join(A, A.id == DuplicatePair.a_id)
        .join(B, B.id == DuplicatePair.b_id)
        .where(joins(), A.status.in_(LIVE), B.status.in_(LIVE))
    )
