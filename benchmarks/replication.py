"""``python -m benchmarks.replication``: the claims on fresh groups of seeds, and how often the words agree.

Every group is a whole run of an experiment, with as many seeds as its preset has, none of them used before. A verdict
is worth publishing if most groups give the word of the published run, whose seeds begin at 0.
"""

import argparse
import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

import wd_jax as wd
from benchmarks.machine import describe
from experiments import Experiment, load, names
from experiments.exercise.preset import Preset, preset
from wd_jax import data as datasets
from wd_jax.data import Dataset
from wd_jax.results.netcdf import write
from wd_jax.stats.replication import in_words
from wd_jax.stats.verdict import Verdict

FIRST_SEED = 100_000


@dataclass(frozen=True)
class Row:
    """How often one verdict was given the published word.

    Attributes
    ----------
    published : Verdict
        That of the run whose seeds begin at 0.
    words : tuple of str
        Of every fresh group.
    """

    published: Verdict
    words: tuple[str, ...]

    @property
    def same(self) -> float:
        """Share of groups with the published word."""
        return self.words.count(self.published.verdict) / len(self.words)

    def cells(self) -> list[str]:
        """Give the row of a Markdown table."""
        one = self.published
        others = sorted(set(self.words) - {one.verdict})
        instead = ", ".join(f"{self.words.count(word)} {word}" for word in others)
        where = f"{one.statement}; {one.scope}"
        return [str(one.claim), one.kind, where, one.verdict, f"{self.same:.0%}", instead, in_words(one.again)]


def groups(
    name: str, setting: Preset, data: Dataset, first: int, count: int, folder: Path, at_once: int
) -> Iterator[tuple[Verdict, ...]]:
    """Verdicts of so many groups of fresh seeds; sweeps are stored in blocks, and what is there is not run again."""
    experiment = load(name)
    field = next(iter(experiment.sweeps.values())).seeds
    seeds = getattr(setting, field)
    for begin in range(0, count, at_once):
        here = min(at_once, count - begin)
        block = dataclasses.replace(setting, **{field: seeds * here, "first_seed": first + begin * seeds})
        stored = _stored(experiment, block, data, folder / f"{name}-{block.first_seed}-{seeds}x{here}")
        for k in range(here):
            mine = slice(k * seeds, (k + 1) * seeds)
            group = {key: runs.isel(seed=mine) for key, runs in stored.items()}
            yield experiment.analyse(setting, data, group).verdicts


def _stored(experiment: Experiment, block: Preset, data: Dataset, folder: Path) -> dict[str, xr.Dataset]:
    if not folder.exists():
        aside = folder.with_name(f"{folder.name}.part")
        aside.mkdir(parents=True, exist_ok=True)
        for key, runs in experiment.sweep(block, data, progress=False).items():
            write(runs, aside / f"{key}.nc")
        aside.rename(folder)
    return {path.stem: wd.open(path).load() for path in sorted(folder.glob("*.nc"))}


def measure(name: str, setting: Preset, data: Dataset, count: int, folder: Path, at_once: int) -> list[Row]:
    """Hold every verdict of one experiment against those of fresh groups; verdicts are matched by their place."""
    (published,) = groups(name, setting, data, 0, 1, folder, 1)
    fresh = list(groups(name, setting, data, FIRST_SEED, count, folder, at_once))
    return [Row(one, tuple(group[i].verdict for group in fresh)) for i, one in enumerate(published)]


def table(rows: Sequence[Row]) -> str:
    """Write the rows as a Markdown table, with a line on the predictions."""
    head = ["claim", "kind", "verdict of", "published", "same word", "instead", "said beforehand"]
    lines = [head, ["---"] * len(head), *(row.cells() for row in rows)]
    predictions = [row.same for row in rows if row.published.kind == "prediction"]
    least = f"Least of {len(predictions)} predictions: {min(predictions):.0%}; mean {np.mean(predictions):.1%}."
    return "\n".join(["| " + " | ".join(cells) + " |" for cells in lines] + ["", least])


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the groups that are not yet there, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replication", description=__doc__)
    parser.add_argument("claims", nargs="*", help="experiments; all by default")
    parser.add_argument("--dataset", default="digits")
    parser.add_argument("--size", default="quick")
    parser.add_argument("--groups", type=int, default=40)
    parser.add_argument("--at-once", type=int, default=4, help="groups in one sweep: memory")
    parser.add_argument("--folder", type=Path, default=Path("runs/replication"), help="where sweeps are kept")
    given = parser.parse_args(arguments)
    data, setting = datasets.load(given.dataset), preset(given.dataset, given.size)
    folder = given.folder / f"{given.dataset}-{given.size}"
    rows = [
        row
        for name in given.claims or names()
        for row in measure(name, setting, data, given.groups, folder, given.at_once)
    ]
    print(", ".join(f"{key} {value}" for key, value in describe().items()), end="\n\n")
    print(f"{given.groups} groups of fresh seeds, from {FIRST_SEED} on.", table(rows), sep="\n\n")


if __name__ == "__main__":
    main()
