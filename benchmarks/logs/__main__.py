"""``python -m benchmarks.logs``: run the trainings, keep their logs and the manifest.

It needs torch, keras, lightning, transformers, accelerate, tensorboard, safetensors, lion-pytorch, and wd_jax, best
in an environment of its own.
"""

import argparse
import os
import shutil
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "tests" / "audit" / "real_logs" / "data"


def main(arguments: Sequence[str] | None = None) -> int:
    """Train all, or those whose name has a word in it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.logs", description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the logs and manifest.json")
    parser.add_argument("--only", default="", metavar="WORD", help="those that have this in WRITER/NAME")
    parser.add_argument(
        "--seeds-from", type=int, default=0, metavar="N", help="other seeds: N more than the case's own"
    )
    parser.add_argument("--relabel", action="store_true", help="train nothing: write the manifest of what is there")
    given = parser.parse_args(arguments)
    os.environ.setdefault("KERAS_BACKEND", "torch")
    warnings.simplefilter("ignore")
    import torch

    torch.set_num_threads(1)
    from benchmarks.logs import (
        manifest,
        names,
        networks,
        plain,
        with_jax,
        with_keras,
        with_lightning,
        with_transformers,
    )
    from benchmarks.logs.clean import CLEAN
    from benchmarks.logs.planted import PLANTED

    writers = {"keras": with_keras, "keras_hook": with_keras, "jax_hook": with_jax}
    writers |= {"lightning": with_lightning, "transformers": with_transformers}
    for case in (*CLEAN, *PLANTED):
        if given.only not in f"{case.writer}/{case.name}":
            continue
        if given.seeds_from:
            case = case.again(case.seed + given.seeds_from)
        begun = time.perf_counter()
        folder = given.out / ("planted" if case.planted else "clean") / case.writer
        folder.mkdir(parents=True, exist_ok=True)
        there = [one for one in folder.iterdir() if one.name.split(".")[0] == case.name]
        if given.relabel and not there:
            continue
        if given.relabel:
            path = _log(there)
        else:
            for old in there:
                shutil.rmtree(old) if old.is_dir() else old.unlink()
            path = writers.get(case.writer, plain).write(case, folder)
        found = manifest.entry(case, path, given.out, names.layers(path), networks.NORMALISED[case.network])
        manifest.store([found], given.out / "manifest.json")
        print(f"{found['file']}: {time.perf_counter() - begun:.1f} s", flush=True)
    return 0


def _log(there: Sequence[Path]) -> Path:
    """Give the log among what a case left: a file alone in its folder is the log, many are checkpoints."""
    (place,) = there
    inside = list(place.iterdir()) if place.is_dir() else []
    return inside[0] if len(inside) == 1 else place


if __name__ == "__main__":
    sys.exit(main())
