"""Contacts of many records in arrays: numbers, mail, domains, people, addresses, places.

Texts stand as 64-bit hashes, so that two columns are compared at once; 0 is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmlib.duplicates.contacts import PUBLIC_MAIL
from crmlib.duplicates.gazetteer import NOWHERE, Place, match

Hashes = NDArray[np.uint64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int32]

_NUMBERS = ("phone", "fax", "mobile", "mobile1", "mobile2")
_PEOPLE = ("contact", "contact1", "contact2")
SHORTEST_ADDRESS = 5
_WIDTH = 5  # numbers kept of a record
_TITLES = "总|经理|工|先生|女士|小姐|老板|老师|主任"
# Several numbers in one field; two that only a space parts are recognised by their length.
_SEVERAL = r"[,;/、，；|]|\s{2,}"
_TOGETHER = r"(\d{7})\s+(\d{7})"
_EXTENSION = r"(?i)(?:转|分机|ext\.?|#).*$"
_DASHED = r"^(\D*(?:86\D+)?\d{3,4}\D+\d{7,8})\D+\d{1,5}\D*$"
_ADDRESS_NOISE = r"[\W_省市区县镇乡街道路号]+"


@dataclass(frozen=True, slots=True)
class Reach:
    """A row per record; several values of one kind stand side by side."""

    numbers: Hashes  # [n, 5] without the area code
    areas: Hashes  # [n, 5] area codes; 0 where none was written
    blocks: Hashes  # [n, 5] landlines without their last two digits
    mobile: Flags  # [n, 5]
    mails: Hashes  # [n, 1]
    domains: Hashes  # [n, 2]
    public: Flags  # [n] the only mailbox is one that everybody may have
    people: Hashes  # [n, 2]
    surnames: Hashes  # [n, 2]
    titled: Flags  # [n, 2] no first name: 王总
    address: NDArray[np.object_]
    door: Hashes  # [n] first number of the address
    street: Hashes  # [n] the address as a whole; 0 where it is too short
    places: Ints  # [n, 3]
    codes: Hashes  # [n] tax numbers

    def __len__(self) -> int:
        return len(self.codes)

    def lines(self) -> Hashes:
        """Numbers together with their area codes."""
        return np.where(self.numbers > 0, self.numbers + np.uint64(31) * self.areas, np.uint64(0))

    def take(self, rows: NDArray[np.int64]) -> "Reach":
        """Return only the rows."""
        chosen = {f.name: getattr(self, f.name) for f in fields(self)}
        return Reach(**{name: values[rows] for name, values in chosen.items()})


def read_reach(records: pl.DataFrame) -> Reach:
    """Read the contacts of each record; absent columns are empty."""
    table = records.select(
        pl.col(pl.String).fill_null("").str.strip_chars(), pl.selectors.exclude(pl.String, pl.Null)
    ).with_row_index("row")
    rows = len(table)
    numbers = _numbers(table)
    mails = _long(table, ("email",)).with_columns(pl.col("value").str.to_lowercase())
    mails = mails.filter(pl.col("value").str.contains("@", literal=True))
    host = pl.col("value").str.split("@").list.last()
    people = _people(table)
    address = _address(table)
    return Reach(
        numbers=_matrix(numbers, pl.col("local").hash(), rows, _WIDTH),
        areas=_matrix(numbers, _hash_or_zero("area"), rows, _WIDTH),
        blocks=_matrix(numbers, _hash_or_zero("block"), rows, _WIDTH),
        mobile=_matrix(numbers, pl.col("mobile").cast(pl.UInt64), rows, _WIDTH).astype(bool),
        mails=_matrix(mails, pl.col("value").hash(), rows, 1),
        domains=_matrix(_domains(table), pl.col("value").hash(), rows, 2),
        public=_matrix(mails, host.is_in(list(PUBLIC_MAIL)).cast(pl.UInt64), rows, 1)[:, 0] > 0,
        people=_matrix(people, pl.col("value").hash(), rows, 2),
        surnames=_matrix(people, pl.col("value").str.slice(0, 1).hash(), rows, 2),
        titled=_matrix(
            people, pl.col("value").str.contains(_TITLES).cast(pl.UInt64), rows, 2
        ).astype(bool),
        address=np.array(address.to_list(), dtype=object),
        door=_column(address.str.extract(r"(\d+)", 1)),
        street=np.where(
            (address.str.len_chars() >= SHORTEST_ADDRESS).to_numpy(), _column(address), np.uint64(0)
        ),
        places=_places(table),
        codes=_column(table["uscc"].str.to_uppercase() if "uscc" in table.columns else None, rows),
    )


def _long(table: pl.DataFrame, columns: tuple[str, ...]) -> pl.DataFrame:
    """Row and value of everything that stands in the columns."""
    present = [c for c in columns if c in table.columns and table.schema[c] == pl.String]
    if not present:
        return pl.DataFrame(schema={"row": pl.UInt32, "value": pl.String})
    long = table.unpivot(present, index="row").select("row", "value")
    return long.filter(pl.col("value") != "")


def _numbers(table: pl.DataFrame) -> pl.DataFrame:
    """Numbers of each record: area code, local number, what a block of numbers shares."""
    one = pl.col("value")
    parted = one.str.normalize("NFKC").str.replace_all(_TOGETHER, "$1/$2")
    long = _long(table, _NUMBERS).with_columns(parted.str.replace_all(_SEVERAL, "/").str.split("/"))
    bare = one.str.replace(_EXTENSION, "").str.replace(_DASHED, "$1").str.replace_all(r"\D", "")
    long = long.explode("value", empty_as_null=True).drop_nulls().with_columns(bare)
    for prefix in ("0086", "86"):
        abroad = one.str.starts_with(prefix) & (one.str.len_bytes() > len(prefix) + 9)
        rest = one.str.slice(len(prefix))
        # From abroad the area code loses its nought.
        zoned = rest.str.contains(r"^[2-9]\d{8,10}$|^10\d{8}$") & ~rest.str.contains("^[48]00")
        home = pl.when(zoned).then(pl.lit("0") + rest).otherwise(rest)
        long = long.with_columns(pl.when(abroad).then(home).otherwise(one).alias("value"))
    long = long.filter(one.str.len_bytes().is_between(7, 12)).unique(maintain_order=True)
    mobile = one.str.contains(r"^1[3-9]\d{9}$")
    zoned = one.str.starts_with("0") & (one.str.len_bytes() >= 10)
    size = pl.when(one.str.contains("^0(?:10|2)")).then(3).otherwise(4)
    area = pl.when(zoned).then(one.str.slice(0, size)).when(mobile).then(pl.lit("m"))
    local = pl.when(zoned).then(one.str.slice(size)).otherwise(one)
    return long.with_columns(
        area.otherwise(pl.lit("")).alias("area"), local.alias("local"), mobile.alias("mobile")
    ).with_columns(
        pl.when(mobile)
        .then(pl.lit(""))
        .otherwise(pl.col("local").str.slice(0, pl.col("local").str.len_bytes() - 2))
        .alias("block")
    )


def _domains(table: pl.DataFrame) -> pl.DataFrame:
    value = pl.col("value").str.to_lowercase().str.split("@").list.last()
    bare = value.str.replace(r"^.*?://", "").str.replace(r"[/:].*$", "").str.strip_prefix("www.")
    long = _long(table, ("website", "email")).with_columns(bare.alias("value"))
    own = pl.col("value").str.contains(".", literal=True)
    return long.filter(own & ~pl.col("value").is_in(list(PUBLIC_MAIL))).unique(maintain_order=True)


def _people(table: pl.DataFrame) -> pl.DataFrame:
    return _long(table, _PEOPLE).unique(maintain_order=True)


def _address(table: pl.DataFrame) -> pl.Series:
    """Addresses without punctuation and the words every address has."""
    if "address" not in table.columns or table.schema["address"] != pl.String:
        return pl.Series("address", [""] * len(table), dtype=pl.String)
    level = pl.col("address").str.normalize("NFKC").str.to_lowercase()
    return table.select(level.str.replace_all(_ADDRESS_NOISE, ""))["address"]


def _places(table: pl.DataFrame) -> Ints:
    """Province, city and county as numbers; 0 where unknown."""
    parts = [c for c in ("province", "city") if c in table.columns]
    if "region" in table.columns:
        joined = pl.when(pl.col("region") != "").then("region")
        texts = table.with_columns(joined.otherwise(_joined(parts)).alias("place"))["place"]
    else:
        texts = table.with_columns(_joined(parts).alias("place"))["place"]
    distinct = texts.unique(maintain_order=True)
    codes = np.array([place_code(_place(text)) for text in distinct], np.int32).reshape(-1, 3)
    index = texts.to_frame("place").join(
        distinct.to_frame("place").with_row_index("code"), on="place", maintain_order="left"
    )["code"]
    return codes[index.to_numpy()] if len(codes) else np.zeros((len(table), 3), np.int32)


def _joined(columns: Sequence[str]) -> pl.Expr:
    return pl.concat_str(columns, separator=" ") if columns else pl.lit("")


def _place(text: str) -> Place:
    known = NOWHERE
    for part in text.split():
        spot = match(part, 0, known)
        known = spot.place if spot else known
    return known


def place_code(place: Place) -> tuple[int, int, int]:
    """Numbers of province, city and county; the same in every process."""
    return tuple(_code(name) for name in place)  # type: ignore[return-value]


def _code(name: str) -> int:
    number = 0
    for character in name:  # at most a few characters: no collisions among Chinese places
        number = (number * 40_009 + ord(character)) & 0x7FFFFFFF
    return number


def _hash_or_zero(column: str) -> pl.Expr:
    value = pl.col(column)
    return pl.when(value == "").then(pl.lit(0, pl.UInt64)).otherwise(value.hash())


def _column(texts: pl.Series | None, rows: int = 0) -> Hashes:
    """Hash of each text; 0 for none."""
    if texts is None:
        return np.zeros(rows, np.uint64)
    blank = texts.fill_null("") == ""
    return np.where(blank.to_numpy(), np.uint64(0), texts.fill_null("").hash().to_numpy())


def _matrix(long: pl.DataFrame, value: Any, rows: int, width: int) -> Hashes:
    """Values of each row side by side; what is beyond the width is left out."""
    filled = np.zeros((rows, width), np.uint64)
    if len(long):
        order = long.select("row", value.alias("hash")).sort("row", maintain_order=True)
        row = order["row"].to_numpy()
        place = np.arange(len(row)) - np.searchsorted(row, row)
        kept = place < width
        filled[row[kept], place[kept]] = order["hash"].to_numpy()[kept]
    return filled
