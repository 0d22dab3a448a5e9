"""Trainings in Lightning, its CSVLogger's metrics.csv: `self.log` of each layer's norm, and its LearningRateMonitor."""

import logging
import shutil
import warnings
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.logs import networks, optimisers
from benchmarks.logs.case import Case
from benchmarks.logs.columns import Columns
from benchmarks.logs.data import DATA


def _module(case: Case) -> Any:
    import lightning

    class Classifier(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.net = networks.NETWORKS[case.network]()
            self.columns = Columns()

        def training_step(self, batch: Any, batch_idx: int) -> torch.Tensor:
            loss = networks.cost(self.net(batch[0]), batch[1])
            self.log("train_loss", loss)
            return loss

        def validation_step(self, batch: Any, batch_idx: int) -> None:
            self.log("val_loss", networks.cost(self.net(batch[0]), batch[1]))

        def on_train_batch_end(self, *_: Any) -> None:
            if case.norms and self.trainer.global_step % case.every == 0:
                found = self.columns.of(self.net, self.optimizers())
                kept = ("weight_norm", "weight_cosine", "weight_size")
                self.log_dict({key: float(value) for key, value in found.items() if key.startswith(kept)})

        def configure_optimizers(self) -> Any:
            optimiser = optimisers.build(case, self.net)
            rate = optimisers.schedule(case, optimiser)
            return {"optimizer": optimiser, "lr_scheduler": {"scheduler": rate, "interval": "step"}}

    return Classifier()


def write(case: Case, folder: Path) -> Path:
    """Train and write; give the file."""
    import lightning
    from lightning.pytorch.callbacks import LearningRateMonitor
    from lightning.pytorch.loggers import CSVLogger

    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
    lightning.seed_everything(case.seed, verbose=False)
    x, y = (torch.from_numpy(a) for a in DATA[case.data](case.seed))
    part = len(x) * 4 // 5
    train = DataLoader(TensorDataset(x[:part], y[:part]), batch_size=case.batch, shuffle=True, drop_last=True)
    check = DataLoader(TensorDataset(x[part:], y[part:]), batch_size=case.batch)
    place = folder / f"{case.name}.writing"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer = lightning.Trainer(
            max_steps=case.steps,
            log_every_n_steps=case.every,
            check_val_every_n_epoch=20,
            logger=CSVLogger(place, name="", version=""),
            callbacks=[LearningRateMonitor("step")],
            precision={"float32": "32-true", "bfloat16": "bf16-true", "mixed": "bf16-mixed"}[case.dtype],
            accelerator="cpu",
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        trainer.fit(_module(case), train, check)
    path = folder / case.name / "metrics.csv"
    path.parent.mkdir()
    shutil.move(place / "metrics.csv", path)
    shutil.rmtree(place)
    return path
