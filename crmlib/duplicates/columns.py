"""Names of many records, taken apart once and kept in columns."""

from typing import Any

import polars as pl

from crmlib.duplicates import phonetics
from crmlib.duplicates.crew import Crew
from crmlib.duplicates.gazetteer import Place
from crmlib.duplicates.latin import read_latin
from crmlib.duplicates.names import ParsedName, parse

PARTS = ("key", "area", "brand", "trade", "form", "branch", "note")
LEVELS = ("province", "city", "county")
_SCHEMA = dict.fromkeys(("text", *PARTS, *LEVELS, "heard", "own"), pl.String)
_AT_ONCE = 25_000


def parse_names(texts: pl.Series, crew: Crew) -> pl.DataFrame:
    """Parts of each text, one row per text; equal texts are parsed once."""
    distinct = texts.unique(maintain_order=True)
    parts = [(distinct[i : i + _AT_ONCE],) for i in range(0, len(distinct), _AT_ONCE)]
    parsed = pl.concat([pl.DataFrame(schema=_SCHEMA), *crew(parse_part, parts)])
    if len(parsed) == len(texts):
        return parsed
    return texts.rename("text").to_frame().join(parsed, on="text", maintain_order="left")


def parse_part(texts: pl.Series) -> pl.DataFrame:
    """Parts of the names, their sounds, and what Latin letters say of their own."""
    sounds = phonetics.sounds()
    rows = []
    for text in texts:
        name = parse(text)
        latin = read_latin(text)
        heard = (name.area + name.brand + name.trade).translate(sounds)
        rows.append(
            (
                text,
                name.key,
                name.area,
                name.brand,
                name.trade,
                name.form,
                name.branch,
                name.note,
                *name.place,
                heard,
                latin.own if latin else "",
            )
        )
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def parsed_of(row: dict[str, Any]) -> ParsedName:
    """Put a name together again."""
    place = Place(*(row[level] for level in LEVELS))
    return ParsedName(place=place, **{part: row[part] for part in PARTS})
