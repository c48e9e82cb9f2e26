"""Pairs of a few changed customers with all others, as a scan of everything would find them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmlib.duplicates import keys
from crmlib.duplicates.chains import SURE
from crmlib.duplicates.crew import Crew, crew
from crmlib.duplicates.judging import Base
from crmlib.duplicates.keys import Keys, Kind
from crmlib.duplicates.keystore import KeyStore, entries_of, homes_of
from crmlib.duplicates.pairs import candidates, judged_pairs, read_base
from crmlib.duplicates.reach import Ints
from crmlib.duplicates.weighing import Rarity

_Ids = NDArray[np.int64]
Reader = Callable[[Iterable[int]], pl.DataFrame]


def changed_pairs(store: KeyStore, changed: _Ids, fresh: _Ids, read: Reader) -> pl.DataFrame:
    """Pairs in which a customer of ``fresh`` takes part.

    ``changed`` are all customers that changed since the store was written, ``fresh`` those of
    them whose pairs are wanted; ``read`` answers the records of customers as they are now.
    """
    look = _Look(store, changed, read)
    with crew(len(changed)) as hands:
        found = look.pairs(fresh, hands)
        # A third record may join a fresh one with another, so the sure ones are followed too.
        sure = found.filter(pl.col("prob") >= SURE)
        middle = np.setdiff1d(np.concatenate([sure["id1"], sure["id2"]]), fresh)
        if len(middle):
            found = look.pairs(np.union1d(fresh, middle), hands)
    touched = pl.col("id1").is_in(fresh.tolist()) | pl.col("id2").is_in(fresh.tolist())
    return found.filter(touched)


class _Look:
    """A store, and what the customers that changed since say today."""

    def __init__(self, store: KeyStore, changed: _Ids, read: Reader) -> None:
        self.store = store
        self.read = read
        self.changed = changed
        self.records = read(changed.tolist())
        self.live = store.without(changed)
        with crew(0) as hands:
            self.base = read_base(self.records, hands)
        self.homes = homes_of(self.base)
        self.counts = {kind: _Count(self, kind, *found) for kind, found in entries_of(self.base)}
        self.size = int(np.sum(store.main & self.live)) + len(self.base.ids)

    def pairs(self, asked: _Ids, hands: Crew) -> pl.DataFrame:
        """Pairs of the asked customers with all others."""
        partners = np.setdiff1d(self._partners(asked, hands), self.changed)
        others = self.read(partners.tolist())
        base = read_base(pl.concat([self.records, others], how="diagonal_relaxed"), hands)
        base = self._counted(base)
        chosen = np.isin(base.ids, asked)
        packed = candidates(base, self._entries(base))
        low, high = keys.unpack(packed)
        wanted = chosen[base.owner[low]] | chosen[base.owner[high]]
        return judged_pairs(base, packed[wanted], hands)

    def _entries(self, base: Base) -> Iterator[tuple[Kind, Keys, keys.Owners]]:
        """Keys of the records at hand that are not too common in the whole base."""
        for kind, found in entries_of(base):
            hashes, rows = keys.sorted_keys(*found)
            few = self.counts[kind].of(hashes) <= keys.MOST[kind]
            yield kind, hashes[few], rows[few]

    def _partners(self, asked: _Ids, hands: Crew) -> _Ids:
        """Customers of the store that share a key with the asked ones."""
        base = self.base
        if len(np.setdiff1d(asked, self.changed)):
            base = read_base(self.read(asked.tolist()), hands)
        mine = np.isin(base.ids[base.owner], asked)
        found = [asked]
        for kind, (hashes, rows) in entries_of(base):
            if keys.MOST[kind]:
                found.append(self.counts[kind].sharers(np.unique(hashes[mine[rows]])))
        return np.unique(np.concatenate(found))

    def _counted(self, base: Base) -> Base:
        """Put what the whole base says in place of the counts of a few."""
        count = {kind: self.counts[kind].of for kind in Kind}
        reach = base.reach
        rarity = Rarity(
            numbers=count[Kind.LINE](reach.lines()),
            mails=count[Kind.MAIL](reach.mails),
            domains=count[Kind.DOMAIN](reach.domains),
            people=count[Kind.PERSON](reach.people),
            street=count[Kind.STREET](reach.street),
        )
        return replace(
            base,
            rarity=rarity,
            outlets=count[Kind.OUTLET](keys.outlet_keys(base.names)),
            spread=self.counts[Kind.HOME].homes(keys.home_keys(base.names)),
            size=self.size,
        )


class _Count:
    """On how many names of today a key of one kind stands."""

    def __init__(self, look: _Look, kind: Kind, hashes: Keys, rows: keys.Owners) -> None:
        self._look = look
        self._most = keys.MOST[kind]
        self._keys, self._rows = look.store.keys[kind], look.store.rows[kind]
        self._gone = np.asarray(self._keys[~look.live[self._rows]])  # in order, as the store is
        self._new, self._new_rows = keys.sorted_keys(hashes, rows)

    def of(self, hashes: Keys) -> Ints:
        """Count each; the result has the shape of the hashes."""
        counts = (
            self._many(self._keys, hashes)
            - self._many(self._gone, hashes)
            + self._many(self._new, hashes)
        )
        return counts.astype(np.int32)

    @staticmethod
    def _many(ordered: Keys, hashes: Keys) -> NDArray[np.int64]:
        right = np.searchsorted(ordered, hashes, side="right")
        return right - np.searchsorted(ordered, hashes, side="left")

    def _rows_of(self, hashes: Keys) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows of the store that carry the keys, and which key each carries."""
        left = np.searchsorted(self._keys, hashes, side="left")
        sizes = np.searchsorted(self._keys, hashes, side="right") - left
        which = np.repeat(np.arange(len(hashes)), sizes)
        start = np.cumsum(sizes) - sizes
        rows = self._rows[np.arange(len(which)) - start[which] + left[which]]
        living = self._look.live[rows]
        return rows[living].astype(np.int64), which[living]

    def sharers(self, hashes: Keys) -> _Ids:
        """Customers of the store that carry a key few carry."""
        few = hashes[self.of(hashes) <= self._most]
        return np.unique(self._look.store.ids[self._rows_of(few)[0]])

    def homes(self, hashes: Keys) -> Ints:
        """In how many places the names with each key are at home."""
        distinct, inverse = np.unique(hashes, return_inverse=True)
        rows, which = self._rows_of(distinct)
        at = np.searchsorted(distinct, self._new)
        at[at == len(distinct)] = 0
        mine = distinct[at] == self._new if len(distinct) else np.zeros(0, bool)
        table = pl.DataFrame(
            {
                "which": np.concatenate([which, at[mine]]),
                "home": np.concatenate(
                    [self._look.store.homes[rows], self._look.homes[self._new_rows[mine]]]
                ),
            }
        )
        counted = table.group_by("which").agg(pl.col("home").n_unique())
        homes = np.ones(len(distinct), np.int32)
        homes[counted["which"].to_numpy()] = counted["home"].to_numpy()
        return homes[inverse]
