"""What is known of each log that is kept: who wrote it, what its user says, and what was planted."""

import json
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.logs.case import ALL, Case
from benchmarks.logs.data import DATA

PACKAGES = {
    "keras": "keras", "lightning": "lightning", "transformers": "transformers", "tensorboard": "tensorboard",
    "safetensors": "safetensors", "npz": "numpy", "torch": "torch", "jsonl": "torch",
    "hook": "torch", "keras_hook": "keras", "jax_hook": "optax",
}  # fmt: skip


def entry(case: Case, path: Path, root: Path, layers: Sequence[str], normalised: Sequence[str]) -> dict[str, Any]:
    """One log.

    Parameters
    ----------
    case : Case
        The training.
    path, root : Path
        Of the log, and of the folder that its name is relative to.
    layers : sequence of str
        Names in the log of the layers whose norms it has.
    normalised : sequence of str
        Modules whose scale changes nothing.
    """
    package = PACKAGES[case.writer]
    inside = case.layers and (layers if ALL in case.layers else [name for name in layers if _of(name, case.layers)])
    found = {
        "file": path.relative_to(root).as_posix(),
        "written_by": f"{package} {version(package)}",
        "optimiser": case.said,
        "lr": case.lr,
        "weight_decay": case.weight_decay,
        "dtype": "float32" if case.dtype == "mixed" else case.dtype,
        "network": case.network,
        "data": case.data,
        "schedule": case.schedule,
        "steps": case.steps,
        "every": case.every,
        "seed": case.seed,
        "layers": list(layers),
        "normalised": [name for name in layers if _of(name, normalised) and not name.endswith("bias")],
        "planted": case.planted,
        "also": list(case.also),
        "in_layers": list(inside),
        "why": case.why,
    }
    if case.writer == "keras":  # whose log counts epochs
        found["steps_per_epoch"] = len(DATA[case.data](case.seed)[0]) // case.batch
    return found


def _of(name: str, modules: Sequence[str]) -> bool:
    """Whether a layer, as the log calls it, is of one of the modules: hidden1.weight, sequential/hidden1/kernel."""
    return any(part in modules for part in re.split(r"[./]", name))


def store(entries: Sequence[dict[str, Any]], path: Path) -> None:
    """Write them, a line each, beside those of other logs that are there."""
    kept = {one["file"]: one for one in json.loads(path.read_text(encoding="utf-8"))} if path.is_file() else {}
    kept |= {one["file"]: one for one in entries}
    kept = {name: one for name, one in kept.items() if (path.parent / name).exists()}
    lines = ",\n".join(json.dumps(kept[name], ensure_ascii=False) for name in sorted(kept))
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
