"""``python -m benchmarks.one_series_coverage``: how often the intervals from one series hold, and its states are right.

Every case draws series whose truth is known. A table is printed as cases are done, and kept in a file: what stands
there is not measured again.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.one_series_cases import adamw, ar1, hidden_memory, scale_invariant, sign_momentum, two_memories
from wd_jax.stats.one_series import mean_interval, relaxation, state

Row = dict[str, float]
Draw = Callable[[np.random.Generator, int], np.ndarray]


def of_mean(series: np.ndarray, truth: float) -> Row:
    """Share of series with an interval, and of these the share whose interval holds the truth."""
    found = [mean_interval(each) for each in series]
    held = [one.low <= truth <= one.high for one in found if one.given]
    wrong = len(held) - sum(held)
    return {"series": len(series), "answered": len(held), "covered": mean_of(held), "wrong of all": wrong / len(series)}


def of_state(series: np.ndarray, when: np.ndarray, truth: float) -> Row:
    """Shares of the words, and how often the mean's interval from the time of rest on holds the truth."""
    words, held = Counter(), []
    for each in series:
        found = state(when, each)
        words[found.word] += 1
        if found.since is not None and found.word == "at rest":
            mean = mean_interval(each[when >= found.since])
            held += [mean.low <= truth <= mean.high] if mean.given else []
    shares = {word: words[word] / len(series) for word in ("transient", "at rest", "decayed away", "cannot be said")}
    return {"series": len(series), **shares, "then a mean": len(held), "covered": mean_of(held)}


def of_rate(series: np.ndarray, when: np.ndarray, rate: float, rest: float) -> Row:
    """Share of series with a rate, and how often its interval, and that of the rest, hold the truth."""
    found = [one for each in series if np.isfinite((one := relaxation(when, each)).rate)]
    bounded = [one for one in found if one.low > 0 and np.isfinite(one.high)]
    rests = [one.rest_low <= rest <= one.rest_high for one in found if np.isfinite(one.rest_low)]
    return {
        "series": len(series),
        "answered": len(found),
        "bounded": len(bounded),
        "covered": mean_of([one.low <= rate <= one.high for one in found]),
        "bounded covered": mean_of([one.low <= rate <= one.high for one in bounded]),
        "rest covered": mean_of(rests),
    }


def mean_of(held: list[bool]) -> float:
    """Share that is true; NaN of nothing."""
    return float(np.mean(held)) if held else float("nan")


def cases() -> dict[str, Callable[[np.random.Generator, int], Row]]:
    """Every case by its name: a function of random numbers and of how many series."""
    found: dict[str, Callable[[np.random.Generator, int], Row]] = {}
    for n in (30, 100, 1000, 5000):
        for part in (0, 100, 50, 20, 8, 1):
            memory = n / part if part else 0.0
            found[f"mean, AR(1), {n} records, memory {memory:g}"] = _mean(_bind(ar1, n, memory), 0.0)
    found["mean, AR(1) of Student's t (3), 200 records, memory 4"] = _mean(_bind(ar1, 200, 4.0, 3.0), 0.0)
    found["mean, two memories, 1000 records, 50 and 5"] = _mean(_bind(two_memories, 1000, 50.0), 0.0)
    return found | hidden() | others()


def hidden() -> dict[str, Callable[[np.random.Generator, int], Row]]:
    """A memory that hides in noise without memory, and two memories whose times are far apart."""
    found: dict[str, Callable[[np.random.Generator, int], Row]] = {}
    for n in (100, 400, 2000):
        for part, variance in ((20, 1 / 4), (8, 1 / 4), (5, 1 / 4), (5, 1 / 25), (2, 1 / 25), (1, 1 / 25)):
            name = f"mean, memory N/{part} of variance {variance:g} in noise of 1, {n} records"
            found[name] = _mean(_bind(hidden_memory, n, n / part, variance), 0.0)
        found[f"mean, memories N/10 and N/200, variances 1 and 4, {n} records"] = _mean(_bind(far_apart, n), 0.0)
    return found


def far_apart(random: np.random.Generator, series: int, records: int) -> np.ndarray:
    """Sum of two AR(1), of which one remembers a twentieth as long and has four times the variance."""
    return ar1(random, series, records, records / 10) + 2 * ar1(random, series, records, records / 200)


def others() -> dict[str, Callable[[np.random.Generator, int], Row]]:
    """States and rates."""
    found: dict[str, Callable[[np.random.Generator, int], Row]] = {}
    for n in (60, 1000):
        for part in (0, 50, 20, 8, 2, 0.2):
            memory = n / part if part else 0.0
            found[f"state, at rest, {n} records, memory {memory:g}"] = _state(
                lambda random, series, n=n, memory=memory: 1 + 0.01 * ar1(random, series, n, memory), n, 1.0
            )
        for passed in (0.1, 0.5, 2.0, 5.0, 15.0, 60.0):
            for noise in (0.003, 0.03):
                found[f"state, approach over {passed:g} times, noise {noise:g}, {n} records"] = _state(
                    lambda random, series, n=n, passed=passed, noise=noise: approach(random, series, n, passed, noise),
                    n,
                    1.0,
                )
        found[f"state, step in the middle, {n} records"] = _state(lambda r, s, n=n: step(r, s, n, 0.5), n, 0.7)
        found[f"state, step near the end, {n} records"] = _state(lambda r, s, n=n: step(r, s, n, 0.85), n, 0.7)
    for n in (40, 200, 2000):
        for passed in (0.5, 1.0, 3.0, 10.0):
            for noise, part in ((0.03, 0.0), (0.03, 50.0), (0.1, 20.0), (0.03, passed)):
                found[f"rate, over {passed:g} times, noise {noise:g}, memory N/{part:g}, {n} records"] = _rate(
                    lambda random, series, n=n, passed=passed, noise=noise, part=part: approach(
                        random, series, n, passed, noise, part
                    ),
                    np.arange(float(n)),
                    passed / n,
                    1.0,
                )
    return found | real()


def real() -> dict[str, Callable[[np.random.Generator, int], Row]]:
    """The laws' own recursions: `start` is the squared size at the start."""
    found: dict[str, Callable[[np.random.Generator, int], Row]] = {}
    for start in (20.0, 9.0, 0.2):
        name = f"scale-invariant neuron, SGD, from {start:g}"
        when, a = 10 * np.arange(200.0), 0.005
        draw = _bind(scale_invariant, 200, a, start, 10)
        found[f"rate, {name}"] = _rate(draw, when, -4 * np.log1p(-a), 1.0025)
        found[f"state, {name}"] = _state(draw, 200, 1.0025, when)
    for rule in (sign_momentum, adamw):
        for weights, start, a in (
            (100, 0.1, 1e-3),
            (1000, 0.1, 1e-3),
            (1000, 150.0, 1e-3),
            (100, 150.0, 1e-3),
            (1000, 90.0, 5e-3),
        ):
            when = 10 * np.arange(300.0)
            draw = _bind(rule, 300, a, weights, start, 10)
            found[f"rate, {rule.__name__}, {weights} weights, a {a:g}, from {start:g}"] = _rate(
                draw, when, -2 * np.log1p(-a), float("nan")
            )
    return found


def approach(
    random: np.random.Generator, series: int, records: int, passed: float, noise: float, part: float = 50.0
) -> np.ndarray:
    """From 2 to 1 over `passed` of its own times, with noise whose memory is a `part` of the series."""
    curve = 1 + np.exp(-passed * np.arange(records) / records)
    return curve + noise * ar1(random, series, records, records / part if part else 0.0)


def step(random: np.random.Generator, series: int, records: int, where: float) -> np.ndarray:
    """From 1 to 0.7 at once, as after a step of the learning rate that takes no time."""
    curve = 1 - 0.3 * (np.arange(records) >= where * records)
    return curve + 0.01 * ar1(random, series, records, records / 50)


def _bind(draw: Callable[..., np.ndarray], *rest: float) -> Draw:
    return lambda random, series: draw(random, series, *rest)


def _mean(draw: Draw, truth: float) -> Callable[[np.random.Generator, int], Row]:
    return lambda random, series: of_mean(draw(random, series), truth)


def _state(draw: Draw, n: int, truth: float, when: np.ndarray | None = None) -> Callable[..., Row]:
    return lambda random, series: of_state(draw(random, series), np.arange(float(n)) if when is None else when, truth)


def _rate(draw: Draw, when: np.ndarray, rate: float, rest: float) -> Callable[[np.random.Generator, int], Row]:
    return lambda random, series: of_rate(draw(random, series), when, rate, rest)


def line(name: str, row: Row) -> str:
    """One case, as it is printed."""
    return f"{name}: " + ", ".join(f"{word} {value:.3g}" for word, value in row.items() if np.isfinite(value) and value)


def main() -> None:
    """Measure what is not in the file yet, and print all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=400, help="of each case")
    parser.add_argument("--only", default="", help="cases whose names have this in them")
    parser.add_argument("--out", type=Path, default=Path("one_series_coverage.json"), help="where rows are kept")
    chosen = parser.parse_args()
    rows = json.loads(chosen.out.read_text()) if chosen.out.exists() else {}
    for place, (name, case) in enumerate(cases().items()):
        if chosen.only not in name:
            continue
        if rows.get(name, {}).get("series") != chosen.series:
            begin = time.perf_counter()
            rows[name] = case(np.random.default_rng([7, place]), chosen.series)
            rows[name]["ms each"] = 1e3 * (time.perf_counter() - begin) / chosen.series
            chosen.out.write_text(json.dumps(rows, indent=1))
        print(line(name, rows[name]), flush=True)


if __name__ == "__main__":
    main()
