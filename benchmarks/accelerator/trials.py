"""What is trained in the comparison of two devices: every way to train, eight members each, some hundred steps."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any

import wd_jax as wd
from wd_jax.held import Rounding
from wd_jax.setup import CHOICES, Method
from wd_jax.sweeps.plan import make_plan
from wd_jax.sweeps.task import Task

LMBDAS = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)


@dataclass(frozen=True)
class Trial:
    """One way to train.

    Attributes
    ----------
    name : str
        For the table.
    rule, model, dtype : str
        As `wd.Setup` names rules and dtypes; "mlp", "conv" or "transformer".
    method : {"generic", "blocked"}
        How members are trained.
    eta : float
        Learning rate.
    settled : bool
        Whether rounding stays small: false for rules that take a sign or orthogonalise, where it may turn a step round.
    rounding : {"nearest", "compensated"}
        As `wd.Setup` names it.
    probes : dict
        Of `wd.Probes`.
    """

    name: str
    rule: str = "sgd"
    model: str = "mlp"
    dtype: str = "float32"
    method: Method = "generic"
    eta: float = 0.1
    settled: bool = True
    rounding: Rounding = "nearest"
    probes: dict[str, Any] = field(default_factory=dict)

    def data(self) -> wd.data.Dataset:
        """Give what is learned."""
        return wd.data.text() if self.model == "transformer" else wd.data.digits()

    def task(self, epochs: int) -> tuple[Task, wd.data.Dataset]:
        """Make the one task of eight members, and its data set."""
        data = self.data()
        options: dict[str, Any] = {"optimiser": self.rule, "dtype": self.dtype, "rounding": self.rounding}
        if self.model == "mlp":
            setup = wd.Setup(widths=(data.n_in, 30, data.n_out), **options)
        elif self.model == "conv":
            setup = wd.Setup(model=wd.conv((8, 8)), loss="softmax", batch_size=25, **options)
        else:
            model = wd.transformer(vocab=data.n_out, length=data.n_in)
            setup = wd.Setup(model=model, loss="softmax", batch_size=16, **options)
        axes = {"lmbda": list(LMBDAS), "eta": self.eta}
        plan = make_plan(setup, data, axes, epochs=epochs, probes=wd.Probes(**self.probes), method=self.method)
        pairs = zip(plan.tasks, plan.chunks, strict=True)
        cells = tuple(cell for task, chunk in pairs for cell in task.cells[: chunk.members])
        return dataclasses.replace(plan.tasks[0], cells=cells, seeds=(0,) * len(cells)), data


def trials() -> list[Trial]:
    """List them, what matters most first: time may run out before the last."""
    found = [
        Trial("SGD"),
        Trial("SGD, in blocks", method="blocked"),
        Trial("AdamW", "adamw", eta=0.003),
        Trial("momentum", "momentum", eta=0.01),
        Trial("momentum, in blocks", "momentum", eta=0.01, method="blocked"),
        Trial("SGD, float64", dtype="float64"),
        Trial("Adam with L2", "adam_l2", eta=0.003),
        Trial("conv net, AdamW", "adamw", "conv", eta=0.003),
        Trial("transformer, AdamW", "adamw", "transformer", eta=0.003),
        Trial("SGD in blocks, float64", dtype="float64", method="blocked"),
        Trial("AdamW, float64", "adamw", dtype="float64", eta=0.003),
        Trial("Lion", "lion", eta=0.001, settled=False),
        Trial("Muon", "muon", eta=0.003, settled=False),
        Trial("SGDW, in blocks", "sgdw", eta=0.01, method="blocked"),
        Trial("AdamW, compensated", "adamw", eta=0.003, rounding="compensated"),
        Trial("SGD, bfloat16, compensated", dtype="bfloat16", rounding="compensated"),
        Trial("AdamW, bfloat16, compensated", "adamw", dtype="bfloat16", eta=0.003, rounding="compensated"),
    ]
    return [trial for trial in found if trial.dtype in CHOICES["dtype"]]
