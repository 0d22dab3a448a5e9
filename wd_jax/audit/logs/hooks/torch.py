"""A log of norms from a PyTorch training loop."""

import os
from typing import TYPE_CHECKING, Any

from wd_jax.audit.logs.hooks.csv_log import CsvLog

if TYPE_CHECKING:
    import torch


class WeightLog:
    """Write the norm, size, axes and turn of each parameter, and the optimiser's rate and decay.

    Norms and cosines are summed in float64, whatever type the weights have: a norm summed in bfloat16 is wrong in its
    third digit, and one summed in float32 hides how far the weights turn in a step. Between records the log holds a
    copy of the weights in their own type. A record reads each weight and that copy once, in float64, so that it needs
    room for the largest parameter twice in that type, and it waits once for the device; `every` makes records rarer.

    Parameters
    ----------
    model : torch.nn.Module
        Whose trainable parameters are logged, by their names.
    optimizer : torch.optim.Optimizer
        Whose groups say lr and weight_decay; where groups differ, they are written for each parameter as well.
    path : str or path
        CSV file; one of the same columns is gone on with.
    every : int
        Records are made at steps that it divides.

    Examples
    --------
    >>> log = WeightLog(model, optimizer, "weights.csv", every=10)  # doctest: +SKIP
    >>> for step, batch in enumerate(batches, start=1):  # doctest: +SKIP
    ...     train_on(batch)  # zero_grad, backward, optimizer.step
    ...     log.record(step)
    """

    def __init__(
        self, model: "torch.nn.Module", optimizer: "torch.optim.Optimizer", path: str | os.PathLike[str], every: int = 1
    ) -> None:
        self.names = {id(weight): name for name, weight in model.named_parameters()}
        self.weights = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
        self.optimizer, self.every, self.log = optimizer, every, CsvLog(path)
        self.before: dict[str, torch.Tensor] = {}

    def record(self, step: int) -> None:
        """Write one record: after `optimizer.step()`, before `scheduler.step()` and before gradients are set to None.

        Parameters
        ----------
        step : int
            How many steps were made.
        """
        if step % self.every == 0:
            self._record(step)

    def follow(self, steps: int = 0) -> None:
        """Make a record after each step of the optimiser by itself, in loops that are not yours (Trainer, Lightning).

        Parameters
        ----------
        steps : int
            How many steps were made before, for a training that is gone on with.
        """
        self.steps = steps
        self.optimizer.register_step_post_hook(self._after_step)

    def _after_step(self, *_: Any) -> None:
        """Count a step, and record it."""
        self.steps += 1
        self.record(self.steps)

    def _record(self, step: int) -> None:
        """Write one record."""
        import torch

        found = [_numbers(weight, self.before.get(name)) for name, weight in self.weights.items()]
        numbers = torch.stack([number for four in found for number in four]).tolist() if found else []
        self.before = {name: weight.detach().clone() for name, weight in self.weights.items()}
        row: dict[str, Any] = {"step": step, **self._rates()}
        for index, (name, weight) in enumerate(self.weights.items()):
            norm, cosine, gradient = numbers[3 * index : 3 * index + 3]
            row[f"weight_norm/{name}"] = norm
            row[f"weight_size/{name}"] = weight.numel()
            row[f"weight_axes/{name}"] = weight.ndim
            row[f"weight_cosine/{name}"] = None if cosine != cosine else cosine
            row[f"gradient_norm/{name}"] = None if weight.grad is None else gradient
        self.log.write(row)

    def _rates(self) -> dict[str, float | None]:
        """Give lr and weight_decay of the first group that decays, and those of each parameter where groups differ."""
        groups = [(_float(group["lr"]), _float(group.get("weight_decay"))) for group in self.optimizer.param_groups]
        lr, decay = next((pair for pair in groups if pair[1]), groups[0])
        rates = {"lr": lr, "weight_decay": decay}
        if len(self.optimizer.param_groups) > 1:
            for pair, group in zip(groups, self.optimizer.param_groups, strict=True):
                for name in (self.names.get(id(weight)) for weight in group["params"]):
                    if name in self.weights:
                        rates |= {f"lr/{name}": pair[0], f"weight_decay/{name}": pair[1]}
        return rates


def _numbers(weight: "torch.Tensor", before: "torch.Tensor | None") -> "tuple[torch.Tensor, ...]":
    """Give norm, cosine with the weights before, and norm of the gradient, as float64 on the weights' device."""
    import torch

    now = _exact(weight)
    norm = torch.linalg.vector_norm(now)
    cosine = torch.full_like(norm, torch.nan)
    if before is not None:
        then = _exact(before)
        cosine = ((now @ then) / (norm * torch.linalg.vector_norm(then))).clamp(-1.0, 1.0)
    gradient = cosine if weight.grad is None else torch.linalg.vector_norm(_exact(weight.grad))
    return norm, cosine, gradient


def _exact(tensor: "torch.Tensor") -> "torch.Tensor":
    """Give a tensor flat and in float64, on the CPU where its device has no float64."""
    tensor = tensor.detach().to_dense() if tensor.is_sparse else tensor.detach()
    tensor = tensor.cpu() if tensor.device.type == "mps" else tensor
    return tensor.reshape(-1).double()


def _float(value: Any) -> float | None:
    """Give the number of a rate, which may be a tensor; None where a group has none."""
    return None if value is None else float(value)
