"""One piece of evidence that two names or records are one customer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """One piece of evidence; a positive weight (log-odds) speaks for the same customer."""

    text: str
    weight: float
