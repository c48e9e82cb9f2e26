"""Results that live as long as their frame."""

import gc

import polars as pl

from crmlib.insight.per_frame import PerFrame


def test_computed_once_per_frame_and_key_and_gone_with_the_frame() -> None:
    made: list[str] = []

    def make(name: str) -> str:
        made.append(name)
        return name

    kept = PerFrame[str](most=2)
    frame, other = pl.DataFrame({"a": [1]}), pl.DataFrame({"a": [1]})
    for key in ("x", "x", "y", "x"):
        assert kept.get(frame, lambda key=key: make(key), key) == key
    assert kept.get(other, lambda: make("other")) == "other"
    assert made == ["x", "y", "other"]
    kept.get(frame, lambda: make("z"), "z")  # x has to go
    kept.get(frame, lambda: make("again"), "x")
    assert made[-2:] == ["z", "again"]
    assert len(kept) == 2
    del frame
    gc.collect()
    assert len(kept) == 1
