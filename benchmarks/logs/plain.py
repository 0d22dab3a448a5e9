"""A loop in plain PyTorch that writes our hook's CSV, JSON lines, TensorBoard's event files, or checkpoints."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from benchmarks.logs import networks, optimisers
from benchmarks.logs.case import Case
from benchmarks.logs.columns import Columns
from benchmarks.logs.data import DATA, batches

Keep = Callable[[int, nn.Module, torch.optim.Optimizer, float], None]
"""What a record is made of: step, network, optimiser, cost."""


def train(case: Case, keep: Keep) -> None:
    """Run the steps; records are made after a step, counted from 1, and before the first as 0."""
    torch.manual_seed(case.seed)
    net = networks.NETWORKS[case.network]().to(getattr(torch, case.dtype))
    x, y = (torch.from_numpy(a) for a in DATA[case.data](case.seed))
    x = x.to(getattr(torch, case.dtype)) if x.is_floating_point() else x
    optimiser = optimisers.build(case, net)
    rate = optimisers.schedule(case, optimiser)
    keep(0, net, optimiser, float("nan"))
    for step, rows in enumerate(batches(len(x), case.batch, case.steps, case.seed), start=1):
        loss = networks.cost(net(x[rows]), y[rows])
        net.zero_grad()
        loss.backward()
        optimiser.step()
        if step % case.every == 0:
            keep(step, net, optimiser, loss.item())
        rate.step()


def write(case: Case, folder: Path) -> Path:
    """Train and write; give the file or folder."""
    return {"hook": _hooked, "jsonl": _lines, "tensorboard": _events}.get(case.writer, _checkpoints)(case, folder)


def _hooked(case: Case, folder: Path) -> Path:
    from wd_jax.audit.logs.hooks.torch import WeightLog

    path, made = folder / f"{case.name}.csv", []

    def keep(step: int, net: nn.Module, optimiser: torch.optim.Optimizer, loss: float) -> None:
        if not step:
            made.append(WeightLog(net, optimiser, path, every=case.every))
        else:
            made[0].record(step)

    train(case, keep)
    return path


def _lines(case: Case, folder: Path) -> Path:
    path, columns = folder / f"{case.name}.jsonl", Columns()
    with path.open("w", encoding="utf-8") as file:

        def keep(step: int, net: nn.Module, optimiser: torch.optim.Optimizer, loss: float) -> None:
            found = {"step": step, **columns.of(net, optimiser), "loss": loss if step else None}
            short = {k: float(f"{v:.8g}") if isinstance(v, float) else v for k, v in found.items()}
            file.write(json.dumps(short) + "\n")

        train(case, keep)
    return path


def _events(case: Case, folder: Path) -> Path:
    """Written by torch.utils.tensorboard; the file's name, which has the machine's, is made plain."""
    from torch.utils.tensorboard import SummaryWriter

    place, columns = folder / case.name, Columns()
    writer = SummaryWriter(str(place))

    def keep(step: int, net: nn.Module, optimiser: torch.optim.Optimizer, loss: float) -> None:
        for name, value in {**columns.of(net, optimiser), "loss": loss}.items():
            if not name.startswith(("weight_size", "gradient_norm")) and np.isfinite(value):
                writer.add_scalar(name, value, step)

    train(case, keep)
    writer.close()
    (written,) = place.glob("events.out.tfevents.*")
    return written.rename(place / "events.out.tfevents.0.log")


def _checkpoints(case: Case, folder: Path) -> Path:
    place = folder / case.name
    place.mkdir()

    def keep(step: int, net: nn.Module, optimiser: torch.optim.Optimizer, loss: float) -> None:
        state = {name: one for name, one in net.state_dict().items() if one.is_floating_point()}
        if case.writer == "safetensors":
            from safetensors.torch import save_file

            save_file(state, place / f"step_{step:05d}.safetensors")
        elif case.writer == "npz":
            np.savez(place / f"step_{step:05d}.npz", **{name: one.numpy() for name, one in state.items()})
        else:
            torch.save(net.state_dict(), place / f"checkpoint-{step}.pt")

    train(case, keep)
    return place
