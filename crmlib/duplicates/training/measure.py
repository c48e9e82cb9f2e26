"""How well an index answers labelled questions."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import mean
from time import process_time

from crmlib.duplicates.search import Hit, SearchIndex
from crmlib.duplicates.training.companies import Company
from crmlib.duplicates.training.questions import Question

_ANSWERS = 5
_CALLED = 0.5


@dataclass(slots=True)
class _Tally:
    """Counts of one kind of question."""

    asked: int = 0
    first: int = 0
    among: int = 0
    called: int = 0


@dataclass(slots=True)
class Report:
    """Figures over all questions, by kind and together."""

    kinds: dict[str, _Tally] = field(default_factory=lambda: defaultdict(_Tally))
    milliseconds: list[float] = field(default_factory=list)
    scored: list[tuple[float, bool]] = field(default_factory=list)

    def add(self, question: Question, hits: Sequence[Hit], spent: float) -> None:
        """Count one answer."""
        tally = self.kinds[question.kind]
        tally.asked += 1
        self.milliseconds.append(spent)
        right = [hit for hit in hits if hit.id in question.right]
        if question.right:
            tally.first += hits[:1] == right[:1] and bool(right)
            tally.among += bool(right)
        if question.is_negative:
            tally.called += bool(hits) and hits[0].same >= _CALLED
        else:
            tally.called += any(hit.same >= _CALLED for hit in right)
        if hits:
            self.scored.append(
                (hits[0].same, hits[0].id in question.right and not question.is_negative)
            )

    def recall(self) -> tuple[float, float]:
        """Share of kinds' answers first, and among five, each kind counting the same."""
        found = [t for kind, t in self.kinds.items() if not kind.startswith("none")]
        return mean(t.first / t.asked for t in found), mean(t.among / t.asked for t in found)

    def false_alarms(self) -> float:
        """Share of questions with nothing to find that are answered with a sure hit."""
        none = [t for kind, t in self.kinds.items() if kind.startswith("none")]
        return sum(t.called for t in none) / max(1, sum(t.asked for t in none))

    def calibration_error(self) -> float:
        """Mean distance of the probability of the first hit from how often it is right."""
        bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
        for same, right in self.scored:
            bins[min(9, int(same * 10))].append((same, right))
        return sum(
            abs(sum(same for same, _ in group) - sum(right for _, right in group))
            for group in bins.values()
        ) / max(1, len(self.scored))

    def lines(self) -> Iterable[str]:
        """The report as text."""
        first, among = self.recall()
        spent = sorted(self.milliseconds)
        yield (
            f"recall@1 {first:.4f}  recall@5 {among:.4f}  false alarms {self.false_alarms():.4f}"
            f"  ECE {self.calibration_error():.4f}"
            f"  CPU p50 {spent[len(spent) // 2]:.2f} ms, p95 {spent[int(len(spent) * 0.95)]:.2f} ms"
        )
        for kind, t in sorted(self.kinds.items()):
            yield (
                f"  {kind:18s} {t.asked:5d}  first {t.first / t.asked:.3f}"
                f"  among five {t.among / t.asked:.3f}  called same {t.called / t.asked:.3f}"
            )


def index_of(base: Iterable[Company]) -> SearchIndex:
    """An index of invented companies."""
    index = SearchIndex()
    rows = (
        {"id": one.id, "name": one.name, "province": one.place.province, "city": one.place.city}
        for one in base
    )
    index.build(list(rows))
    return index


def measure(index: SearchIndex, questions: Iterable[Question]) -> Report:
    """Ask all questions and count."""
    report = Report()
    for question in questions:
        started = process_time()
        hits = index.find(question.text, _ANSWERS)
        report.add(question, hits, (process_time() - started) * 1000)
    return report
