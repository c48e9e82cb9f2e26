"""Column types with one meaning on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer, types
from sqlalchemy.engine import Dialect

# SQLite numbers rows automatically only in an INTEGER column.
Id = BigInteger().with_variant(Integer, "sqlite")
FEN_PER_YUAN = 100


class UtcDateTime(types.TypeDecorator[datetime]):
    """An aware moment; UTC in the database on both dialects."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive moments and write UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a moment needs its zone"
            raise ValueError(msg)
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read UTC whatever the server's zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Money(types.TypeDecorator[Decimal]):
    """Yuan as Decimal in Python, whole fen in the database, so that sums are exact."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        """Write whole fen."""
        return None if value is None else int((Decimal(value) * FEN_PER_YUAN).to_integral_value())

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Read yuan with two decimals."""
        return (
            None
            if value is None
            else (Decimal(int(value)) / FEN_PER_YUAN).quantize(Decimal("0.01"))
        )


class Quantity(types.TypeDecorator[Decimal]):
    """A count or measure with up to three decimals, whole thousandths in the database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        """Write whole thousandths."""
        return None if value is None else int((Decimal(value) * 1000).to_integral_value())

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Read a number without trailing zeros."""
        if value is None:
            return None
        read = Decimal(int(value)) / 1000
        return read.quantize(Decimal(1)) if read == read.to_integral_value() else read.normalize()


def choice(kind: type[StrEnum]) -> types.Enum:
    """Return a text column type that holds the values of a StrEnum."""
    return types.Enum(
        kind,
        native_enum=False,
        length=20,
        create_constraint=False,
        values_callable=lambda members: [m.value for m in members],
    )
