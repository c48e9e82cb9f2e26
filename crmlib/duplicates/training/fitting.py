"""Learns from invented names how far evidence may be trusted: logistic regression by case."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crmlib.duplicates.answering import answers, ask, circumstances
from crmlib.duplicates.calibration import FEATURES, Case, case_of, features
from crmlib.duplicates.search import SearchIndex
from crmlib.duplicates.training.questions import Question

Numbers = NDArray[np.float64]
_LOOKED_AT = 3  # answers of each question that are learned from
_SHARED_PENALTY, _OWN_PENALTY = 0.02, 4.0
_STEPS = 30
_FEWEST = 60  # cases seen less often keep the weights that all share


class Lesson(NamedTuple):
    """An answer and whether it was right."""

    case: Case
    values: tuple[float, ...]
    right: bool
    weight: float


def lessons(index: SearchIndex, questions: list[Question]) -> Iterator[Lesson]:
    """What the first answers to the questions teach."""
    segments = index.segments
    for question in questions:
        asked = ask(question.text, ())
        found = [answer for segment in segments for answer in answers(segment, asked)]
        found.sort(key=lambda answer: -answer.rank)
        around = circumstances(segments, asked, found, _LOOKED_AT)
        for place, (answer, here) in enumerate(zip(found, around, strict=False)):
            likeness = answer.likeness
            yield Lesson(
                case_of(likeness.reasons[0].text if likeness.reasons else ""),
                features(likeness.same, here),
                answer.id in question.right and not question.is_negative,
                1.0 if place == 0 else 0.3,
            )


def fit(learned: list[Lesson]) -> dict[Case, tuple[float, ...]]:
    """Weights by case: those all share, moved as far as the lessons of the case insist."""
    cases = [case for case in Case if sum(lesson.case is case for lesson in learned) >= _FEWEST]
    wide = len(FEATURES)
    design = np.zeros((len(learned), wide * (len(cases) + 1)))
    for row, lesson in enumerate(learned):
        design[row, :wide] = lesson.values
        if lesson.case in cases:
            start = wide * (1 + cases.index(lesson.case))
            design[row, start : start + wide] = lesson.values
    right = np.array([lesson.right for lesson in learned], float)
    weight = np.array([lesson.weight for lesson in learned])
    penalty = np.full(design.shape[1], _OWN_PENALTY)
    penalty[:wide] = _SHARED_PENALTY
    found = _newton(design, right, weight, penalty)
    shared, own = found[:wide], found[wide:].reshape(-1, wide)
    return {
        case: tuple(
            round(float(w), 4)
            for w in (shared + own[cases.index(case)] if case in cases else shared)
        )
        for case in Case
    }


def _newton(design: Numbers, right: Numbers, weight: Numbers, penalty: Numbers) -> Numbers:
    """Weights of a ridge logistic regression."""
    found = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(design @ found, -30, 30)))
        slope = design.T @ (weight * (right - chance)) - penalty * found
        curve = (design * (weight * chance * (1 - chance))[:, None]).T @ design
        step = np.linalg.solve(curve + np.diag(penalty), slope)
        found += np.clip(step, -2.0, 2.0)
        if float(np.abs(step).max()) < 1e-6:
            break
    return found
