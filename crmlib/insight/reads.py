"""How a column of the database becomes one of a frame."""

from typing import Any

import polars as pl

from crmlib.insight.raw import Column, Kind

_INT, _TEXT = pl.Int64(), pl.String()


def number(source: Any, dtype: Any = _INT) -> Column:
    """Read whole numbers."""
    return Column(source, Kind.NUMBER, dtype)


def text(source: Any, dtype: Any = _TEXT) -> Column:
    """Read words, or names of few kinds by ``dtype``."""
    return Column(source, Kind.TEXT, dtype)


def day(source: Any) -> Column:
    """Read the day in Shanghai of a moment."""
    return Column(source, Kind.DAY, pl.Date())


def date(source: Any) -> Column:
    """Read a date."""
    return Column(source, Kind.DATE, pl.Date())


def moment(source: Any) -> Column:
    """Read a moment as Shanghai wall time."""
    return Column(source, Kind.MOMENT, pl.Datetime("ms"))


def flag(source: Any) -> Column:
    """Read yes and no."""
    return Column(source, Kind.FLAG, pl.Boolean())
