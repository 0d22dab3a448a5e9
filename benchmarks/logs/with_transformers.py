"""Trainings with Transformers' Trainer, its trainer_state.json: as it is, or with norms that a callback adds."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import torch
from torch import nn

from benchmarks.logs import networks, optimisers
from benchmarks.logs.case import Case
from benchmarks.logs.columns import Columns
from benchmarks.logs.data import DATA


class WithCost(nn.Module):
    """A network as the Trainer wants it."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
        """Cost and scores."""
        scores = self.net(x)
        return {"loss": networks.cost(scores, labels), "logits": scores}


def _norms(case: Case) -> Any:
    from transformers import TrainerCallback

    class Norms(TrainerCallback):
        """Adds to the record in the state: what is added to `logs` itself does not reach the file."""

        columns = Columns()

        def on_log(self, args: Any, state: Any, control: Any, **more: Any) -> None:
            found = self.columns.of(more["model"].net, more["optimizer"])
            record = state.log_history[-1]
            record.update({key: float(f"{v:.8g}") for key, v in found.items() if not key.startswith("gradient")})

    return Norms()


def _arguments(case: Case, place: str) -> Any:
    from transformers import TrainingArguments

    schedules = {"constant": "constant", "cosine": "cosine", "linear": "linear", "warmup": "constant_with_warmup"}
    return TrainingArguments(
        output_dir=place,
        max_steps=case.steps,
        per_device_train_batch_size=case.batch,
        learning_rate=case.really_is("lr"),
        weight_decay=case.really_is("weight_decay"),
        lr_scheduler_type=schedules.get(case.schedule, "constant"),
        warmup_steps=case.steps // 10 if case.schedule == "warmup" else 0,
        logging_steps=case.every,
        **({"optim": case.optim} if case.optim else {}),
        save_strategy="no",
        report_to=[],
        seed=case.seed,
        use_cpu=True,
        disable_tqdm=True,
        dataloader_drop_last=True,
        dataloader_pin_memory=False,
        remove_unused_columns=False,
    )


def write(case: Case, folder: Path) -> Path:
    """Train and write; give the file."""
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.set_seed(case.seed)
    net = WithCost(networks.NETWORKS[case.network]().to(getattr(torch, case.dtype)))
    x, y = (torch.from_numpy(a) for a in DATA[case.data](case.seed))
    x = x.to(getattr(torch, case.dtype)) if x.is_floating_point() else x
    rows = [{"x": a, "labels": b} for a, b in zip(x, y, strict=True)]
    place = tempfile.mkdtemp(dir=folder)
    made: tuple[Any, Any] = (None, None)
    if case.optimiser != "Trainer":
        optimiser = optimisers.build(case, net.net)
        made = (optimiser, optimisers.schedule(case, optimiser))
    trainer = transformers.Trainer(
        model=net,
        args=_arguments(case, place),
        train_dataset=rows,
        optimizers=made,
        callbacks=[_norms(case)] if case.norms else [],
    )
    trainer.remove_callback(transformers.trainer_callback.PrinterCallback)
    trainer.train()
    path = folder / case.name / "trainer_state.json"
    path.parent.mkdir()
    trainer.state.save_to_json(str(path))
    shutil.rmtree(place)
    return path
