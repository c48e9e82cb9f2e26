"""Invented questions are the same for the same seed, and their answers are right."""

from collections import Counter

import pytest

from crmlib.duplicates.names import name_key
from crmlib.duplicates.training.corruptions import KINDS
from crmlib.duplicates.training.questions import make


@pytest.fixture(scope="module")
def made():
    return make(7, 3_000, 1_000)


def test_same_seed_same_questions_another_seed_others(made):
    assert make(7, 3_000, 1_000) == made
    assert make(8, 3_000, 1_000)[1] != made[1]


def test_every_kind_of_corruption_is_asked(made):
    counts = Counter(question.kind for question in made[1])
    assert set(KINDS) <= set(counts)
    assert counts["none_stranger"] > 50
    assert counts["none_framed"] > 50
    assert counts["branch"] > 10


def test_stranger_is_not_in_the_base(made):
    base, questions = made
    held = {name_key(one.name) for one in base}
    for question in questions:
        if question.kind.startswith("none"):
            assert name_key(question.text) not in held
            assert question.is_negative


def test_right_answers_are_in_the_base_and_few(made):
    base, questions = made
    ids = {one.id for one in base}
    for question in questions:
        assert question.right <= ids
        assert len(question.right) <= 10


def test_names_repeat_brands_as_real_ones_do(made):
    brands = Counter(one.brand for one in made[0])
    assert 0.3 < len(brands) / len(made[0]) < 0.9
    assert brands.most_common(1)[0][1] > 5
