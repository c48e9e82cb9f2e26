"""What a check or an import says of each row, whatever the list is of."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.orm import Session

from crmlib.exchange.columns import Line
from crmlib.exchange.ledger import Ledger, Tell
from crmlib.exchange.model import Verdict

Fault = tuple[str, str, str]  # field, what stands there, why it is wrong


@dataclass(frozen=True, slots=True)
class Found:
    """The verdict on one row; ``record`` is what it became or names."""

    number: int
    verdict: Verdict
    name: str
    faults: tuple[Fault, ...] = ()
    reasons: tuple[str, ...] = ()
    record: int | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What the person chose: whether doubtful rows come in, whether known records are filled."""

    similar: bool = True
    known: bool = True


class Checked(Protocol):
    """A list that was checked and can be written; each kind of list has its own."""

    @property
    def found(self) -> Sequence[Found]:
        """The verdicts, one per row."""

    def write(self, ledger: Ledger, options: Options) -> Sequence[Found]:
        """Write what may come in, in the running transaction; return what became of the rows."""


class Check(Protocol):
    """The way from lines to a checked list."""

    def __call__(self, session: Session, lines: Sequence[Line], tell: Tell, /) -> Checked:
        """Check all rows."""


def tally(found: Iterable[Found]) -> dict[str, int]:
    """Return how many rows each verdict has."""
    return dict(Counter(row.verdict.value for row in found))


def as_row(batch_id: int, row: Found) -> dict[str, Any]:
    """Return a verdict as the table holds it."""
    return {
        "batch_id": batch_id,
        "number": row.number,
        "verdict": row.verdict,
        "name": row.name[:255],
        "faults": [list(fault) for fault in row.faults],
        "reasons": list(row.reasons),
        "record": row.record,
    }
