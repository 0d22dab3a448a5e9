"""Which layers' norms a log has, read from the file as it is; those of checkpoints are their matrices."""

import csv
import json
from pathlib import Path

PREFIX = "weight_norm/"


def layers(path: Path) -> list[str]:
    """Names of layers, in the log's order."""
    return sorted(dict.fromkeys(name.removeprefix(PREFIX) for name in _columns(path) if name.startswith(PREFIX)))


def _columns(path: Path) -> list[str]:
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as file:
            return next(csv.reader(file))
    if path.suffix == ".jsonl":
        return list(json.loads(path.open(encoding="utf-8").readline()))
    if path.suffix == ".json":
        history = json.loads(path.read_text(encoding="utf-8"))["log_history"]
        return [name for record in history for name in record]
    if path.suffix == ".log":
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

        return EventAccumulator(str(path)).Reload().Tags()["scalars"]
    return [PREFIX + name for name, shape in _shapes(path).items() if len(shape) > 1]


def _shapes(folder: Path) -> dict[str, tuple[int, ...]]:
    first = sorted(folder.iterdir())[0]
    if first.suffix == ".npz":
        import numpy as np

        return {name: one.shape for name, one in np.load(first).items()}
    if first.suffix == ".safetensors":
        from safetensors.numpy import load_file

        return {name: one.shape for name, one in load_file(first).items()}
    import torch

    return {name: tuple(one.shape) for name, one in torch.load(first, weights_only=True).items()}
