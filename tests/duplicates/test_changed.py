"""Pairs of changed customers are those that a scan of everything finds."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from crmlib.duplicates.changed import changed_pairs
from crmlib.duplicates.crew import crew
from crmlib.duplicates.keystore import KeyStore, store_of
from crmlib.duplicates.pairs import read_base, weighted_pairs
from tests.duplicates.invented import some_records


def _store(records: pl.DataFrame) -> KeyStore:
    with crew(0) as hands:
        return store_of(read_base(records, hands), "7")


def _touching(found: pl.DataFrame, ids: np.ndarray) -> pl.DataFrame:
    chosen = ids.tolist()
    return found.filter(pl.col("id1").is_in(chosen) | pl.col("id2").is_in(chosen))


@pytest.mark.parametrize("seed", range(6))
def test_changed_customers_get_the_pairs_of_a_full_scan(seed: int) -> None:
    after = some_records(400, seed)
    changed = np.array(sorted(np.random.default_rng(seed).choice(400, 40, replace=False) + 1))
    renamed, new, gone = changed[:20].tolist(), changed[20:35].tolist(), changed[35:].tolist()
    was = pl.when(pl.col("id").is_in(renamed)).then(pl.lit("旧名贸易公司")).otherwise("name")
    before = after.filter(~pl.col("id").is_in(new)).with_columns(name=was, email=pl.lit(""))
    now = after.filter(~pl.col("id").is_in(gone))
    # What stood elsewhere did not change: only the mail of the changed ones did.
    unchanged = ~pl.col("id").is_in(changed.tolist())
    before = pl.concat([before.filter(~unchanged), now.filter(unchanged)]).sort("id")

    def read(ids: Iterable[int]) -> pl.DataFrame:
        return now.filter(pl.col("id").is_in(list(ids)))

    found = changed_pairs(_store(before), changed, changed, read)
    assert len(found) > 5
    assert found.equals(_touching(weighted_pairs(now), changed))


def test_customers_that_changed_earlier_are_compared_as_they_are_now() -> None:
    records = some_records(200, 3)
    store = _store(records)
    earlier, now_changed = 5, 9
    twin = records.filter(pl.col("id") == earlier)["name"][0]
    records = records.with_columns(
        name=pl.when(pl.col("id").is_in([earlier, now_changed]))
        .then(pl.lit("云栖谷青溪新材料有限公司"))
        .otherwise("name")
    )

    def read(ids: Iterable[int]) -> pl.DataFrame:
        return records.filter(pl.col("id").is_in(list(ids)))

    found = changed_pairs(store, np.array([earlier, now_changed]), np.array([now_changed]), read)
    assert (earlier, now_changed) in set(found.select("id1", "id2").iter_rows())
    assert twin not in read([earlier])["name"].to_list()


def test_a_store_is_read_as_it_was_written(tmp_path: Path) -> None:
    store = _store(some_records(50, 1))
    store.save(tmp_path / "pairs")
    store.save(tmp_path / "pairs")  # over the old one
    loaded = KeyStore.load(tmp_path / "pairs")
    assert loaded is not None
    assert loaded.place == "7"
    assert all((loaded.keys[kind] == hashes).all() for kind, hashes, _ in store.entries())
    assert [path.name for path in tmp_path.iterdir()] == ["pairs"]
    assert KeyStore.load(tmp_path / "nothing") is None


def test_a_spoilt_store_is_none(tmp_path: Path) -> None:
    _store(some_records(5, 1)).save(tmp_path / "pairs")
    (tmp_path / "pairs" / "meta.json").write_text("{")
    assert KeyStore.load(tmp_path / "pairs") is None


def test_an_empty_base_has_a_store_too(tmp_path: Path) -> None:
    none = some_records(3, 1).clear()
    _store(none).save(tmp_path / "pairs")
    store = KeyStore.load(tmp_path / "pairs")
    assert store is not None
    records = some_records(3, 1).with_columns(name=pl.lit("成都云栖谷门窗有限公司"))

    def read(ids: Iterable[int]) -> pl.DataFrame:
        return records.filter(pl.col("id").is_in(list(ids)))

    found = changed_pairs(store, np.array([1, 2, 3]), np.array([3]), read)
    assert set(found.select("id1", "id2").iter_rows()) == {(1, 3), (2, 3)}
