"""``python -m benchmarks.fresh_seeds``: the laboratory's laws judged again, on seeds never used for choosing anything.

Each law is run with its quick settings and other seeds, and every word is held beside the one that docs/laboratory
shows. What differs is listed on the page of the laboratory. ``NAME ...`` judges some of the laws, and keeps the others'
result. Nothing may be chosen by what it prints.
"""

import argparse
import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import experiments

FIRST_SEED = 5000
"""Seeds count from here: no preset, test or trial uses them."""
RESULTS = Path(__file__).parent.parent / "docs" / "laboratory" / "results"
KEPT = "fresh_seeds.json"


def again(name: str, first_seed: int = FIRST_SEED) -> list[dict[str, Any]]:
    """Run a law on other seeds, and give its verdicts.

    Parameters
    ----------
    name : str
        Of the law.
    first_seed : int
        Its seeds count from here.
    """
    law = experiments.load(name)
    preset = law.preset(law.datasets[0], "quick")
    judged = experiments.run(name, dataclasses.replace(preset, first_seed=first_seed), progress=False)
    return [verdict.to_dict() for verdict in judged.verdicts]


def compared(shown: Sequence[Mapping[str, Any]], fresh: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Count verdicts with the same word, and name the others.

    Parameters
    ----------
    shown, fresh : sequence of mapping
        Verdicts of a law, as JSON knows them, on the seeds of its page and on others: the same claims in one order.

    Returns
    -------
    dict
        ``verdicts``, how many there are; ``other``, [claim, scope, word shown, fresh word] of those that differ.

    Raises
    ------
    ValueError
        If the claims are not the same: the page is of another version.

    Examples
    --------
    >>> one = {"statement": "a", "scope": "", "verdict": "holds"}
    >>> compared([one, one], [one, one | {"verdict": "undecided"}])
    {'verdicts': 2, 'other': [['a', '', 'holds', 'undecided']]}
    """
    if [one["statement"] for one in shown] != [one["statement"] for one in fresh]:
        raise ValueError("the claims are not those of the stored result: run `make laboratory` first")
    other = [
        [old["statement"], old["scope"].partition(" (at ")[0], old["verdict"], new["verdict"]]
        for old, new in zip(shown, fresh, strict=True)
        if old["verdict"] != new["verdict"]
    ]
    return {"verdicts": len(shown), "other": other}


def main() -> None:
    """Judge the laws again, and keep what differs for the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fresh_seeds", description=__doc__)
    parser.add_argument("names", nargs="*", help="laws to judge again; all by default")
    options = parser.parse_args()
    path = RESULTS / KEPT
    kept = json.loads(path.read_text(encoding="utf-8"))["laws"] if path.is_file() else {}
    for name in options.names or experiments.names("laboratory"):
        shown = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))["verdicts"]
        kept[name] = compared(shown, again(name))
        print(f"{name}: {len(kept[name]['other'])} of {kept[name]['verdicts']} words differ", flush=True)
        laws = {one: kept[one] for one in experiments.names("laboratory") if one in kept}
        held = {"format": 1, "first_seed": FIRST_SEED, "laws": laws}
        path.write_text(json.dumps(held, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
