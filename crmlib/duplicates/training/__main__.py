"""Learn the calibration of the 撞单 search from invented names, or measure it on others.

Usage: python -m crmlib.duplicates.training fit | measure [--sizes 20000 200000]
                                                         [--questions 5000] [--seed 1]
The same seed gives the same weights.json. Measure with another seed than was learned from.
"""

import argparse
import json
from pathlib import Path

from crmlib.duplicates import calibration
from crmlib.duplicates.training.fitting import Lesson, fit, lessons
from crmlib.duplicates.training.measure import index_of, measure
from crmlib.duplicates.training.questions import make

_LEARNED_FROM, _HELD_OUT = 1, 901


def main() -> None:
    """Read the arguments and do it."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("what", choices=["fit", "measure"])
    asked.add_argument("--sizes", type=int, nargs="+", default=[20_000, 200_000])
    asked.add_argument("--questions", type=int, default=5_000)
    asked.add_argument("--seed", type=int)
    options = asked.parse_args()
    if options.what == "fit":
        _learn(options.sizes, options.questions, options.seed or _LEARNED_FROM)
    else:
        _measure(options.sizes, options.questions, options.seed or _HELD_OUT)


def _learn(sizes: list[int], count: int, seed: int) -> None:
    found: list[Lesson] = []
    for number, size in enumerate(sizes):
        base, questions = make(seed + 10 * number, size, count)
        found.extend(lessons(index_of(base), questions))
        print(f"{size:,} names: {len(found):,} lessons")
    learned = {
        "seed": seed,
        "sizes": sizes,
        "questions": count,
        "features": calibration.FEATURES,
        "weights": fit(found),
    }
    path = Path(calibration.__file__).with_name(calibration.FILE)
    path.write_text(json.dumps(learned, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {path.name}")


def _measure(sizes: list[int], count: int, seed: int) -> None:
    for number, size in enumerate(sizes):
        base, questions = make(seed + 10 * number, size, count)
        print(f"{size:,} invented names, {len(questions):,} questions")
        for line in measure(index_of(base), questions).lines():
            print(line)


if __name__ == "__main__":
    main()
