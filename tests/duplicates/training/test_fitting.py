"""Weights are learned from invented names and measured on others."""

from crmlib.duplicates.calibration import FEATURES, Calibration, Case, Circumstances
from crmlib.duplicates.training.fitting import Lesson, fit, lessons
from crmlib.duplicates.training.measure import index_of, measure
from crmlib.duplicates.training.questions import make


def test_fit_learns_that_evidence_counts_and_is_reproducible():
    learned = [
        Lesson(Case.BRAND, (1.0, step / 10, *[0.0] * (len(FEATURES) - 2)), step > 3, 1.0)
        for step in range(-20, 21)
        for _ in range(5)
    ]
    weights = fit(learned)
    assert weights == fit(learned)
    assert weights[Case.BRAND][1] > 1
    assert set(weights) == set(Case)


def test_lessons_become_weights_that_tell_right_from_wrong():
    base, questions = make(11, 800, 300)
    weights = fit(list(lessons(index_of(base), questions)))
    around = Circumstances(800, 1, 1, -3.0, False, False, False, 8)
    odds = Calibration(weights).log_odds
    assert odds(Case.BRAND, 4.0, around) > 0 > odds(Case.BRAND, -5.0, around)


def test_search_answers_invented_questions():
    base, questions = make(12, 2_000, 800)
    report = measure(index_of(base), questions)
    first, among = report.recall()
    assert first > 0.93
    assert among > 0.96
    assert report.false_alarms() < 0.05
    assert report.calibration_error() < 0.05
    assert report.kinds["branch"].called == 0
    assert any("recall@1" in line for line in report.lines())
