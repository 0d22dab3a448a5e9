"""Drives any optimiser that keeps to torch.optim.Optimizer's protocol: param_groups, p.grad, step()."""

import contextlib
import io
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wd_jax.audit.black_box import Grads, Params

Construct = Callable[[dict[str, Any], float | None, float | None], Any]
"""``construct(named, lr, weight_decay)`` makes the optimiser of these parameters (name to torch Parameter)."""

SEED = 0


@contextlib.contextmanager
def without_compiler() -> Iterator[None]:
    """Let torch.compile give its function back as it is in this block."""
    import torch

    before = torch.compile
    torch.compile = lambda function=None, **_: function if function is not None else (lambda inner: inner)
    try:
        yield
    finally:
        torch.compile = before


def tensor(array: np.ndarray, dtype: str) -> Any:
    """Give the array as a tensor of its own memory, in the dtype named."""
    import torch

    return torch.tensor(np.asarray(array)).to(getattr(torch, dtype))


def array(value: Any) -> np.ndarray:
    """Give a tensor as a float32 array of its own memory."""
    import torch

    return value.detach().to(torch.float32).cpu().numpy().copy()


@dataclass
class TorchOptimiser:
    """An `Optimiser` of the audit made of one of torch's protocol.

    Attributes
    ----------
    construct : callable
        Makes the library's object.
    lr, weight_decay : float or None
        What it is given; None leaves the argument out.
    dtype : str
        Of the parameters: ``"float32"``, ``"bfloat16"``, ``"float16"``, ``"float64"``.
    curved : bool
        Whether gradients come with a graph, of a loss whose Hessian is the identity, for optimisers that ask for it.
    point : str
        Where a schedule-free optimiser is read: ``"train"`` (y) or ``"eval"`` (x).
    around : callable
        A context entered for each call of the library, such as one that switches its compiler off.
    """

    construct: Construct
    lr: float | None = 0.1
    weight_decay: float | None = 0.01
    dtype: str = "float32"
    curved: bool = False
    point: str = "train"
    around: Callable[[], Any] = contextlib.nullcontext
    named: dict[str, Any] = field(default_factory=dict, repr=False)
    optimizer: Any = field(default=None, repr=False)
    last: Params = field(default_factory=dict, repr=False)
    random: Any = field(default=None, repr=False)
    base_lr: list[float | None] = field(default_factory=list, repr=False)

    def init(self, params: Params) -> None:
        """Make the parameters and the optimiser anew; its random numbers begin at the same seed each time."""
        import torch

        self.random = torch.Generator().manual_seed(SEED).get_state()
        self.named = {name: torch.nn.Parameter(tensor(value, self.dtype)) for name, value in params.items()}
        with self._quiet():
            self.optimizer = self.construct(self.named, self.lr, self.weight_decay)
            if hasattr(self.optimizer, "train"):
                self.optimizer.train()
        rates = [group.get("lr") for group in self.optimizer.param_groups]
        self.base_lr = [None if rate is None else self._own(float(rate)) for rate in rates]
        self.last = self._values()

    def step(self, params: Params, grads: Grads) -> Params:
        """Take one step; parameters that are not those given last are written first."""
        self._take(params)
        for name, parameter in self.named.items():
            grad = grads.get(name)
            parameter.grad = None if grad is None else self._gradient(parameter, tensor(grad, self.dtype))
        with self._quiet():
            self.optimizer.step()
        self.last = self._read() if self.point == "eval" else self._values()
        return {name: value.copy() for name, value in self.last.items()}

    def set_lr(self, lr: float) -> None:
        """Set the rate as a scheduler does: in every group, in the proportion in which the groups began."""
        if hasattr(self.optimizer, "set_hyper"):  # fastai's: its param_groups are copies
            self.optimizer.set_hyper("lr", lr)
            return
        for group, base in zip(self.optimizer.param_groups, self.base_lr, strict=True):
            if base is None:
                continue
            rate = lr * (base / self.lr) if self.lr and base != self.lr else lr
            if hasattr(group["lr"], "fill_"):  # torchao's rates are tensors, and must stay so
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate

    def _gradient(self, parameter: Any, grad: Any) -> Any:
        import torch

        if not self.curved:
            return grad
        with torch.enable_grad():
            return grad + (parameter - parameter.detach())

    def _own(self, rate: float) -> float:
        """Give the rate that was asked for where the group's is that to float32: it may be kept in a tensor."""
        return self.lr if self.lr is not None and np.float32(rate) == np.float32(self.lr) else rate

    def _take(self, params: Params) -> None:
        import torch

        for name, parameter in self.named.items():
            if name in params and not np.array_equal(params[name], self.last[name], equal_nan=True):
                with torch.no_grad():
                    parameter.copy_(tensor(params[name], self.dtype))

    def _values(self) -> Params:
        return {name: array(parameter) for name, parameter in self.named.items()}

    def _read(self) -> Params:
        """Read x where the optimiser keeps y, and leave y as it was to the last bit."""
        import torch

        kept = {name: parameter.detach().clone() for name, parameter in self.named.items()}
        with self._quiet():
            self.optimizer.eval()
            values = self._values()
            self.optimizer.train()
        with torch.no_grad():
            for name, parameter in self.named.items():
                parameter.copy_(kept[name])
        return values

    @contextlib.contextmanager
    def _quiet(self) -> Iterator[None]:
        """Keep what the library prints off standard output, and the user's random numbers and threads as they were.

        One thread: for a few thousand weights others cost more than they do, tenfold on a machine that is busy.
        """
        import torch

        users, threads = torch.get_rng_state(), torch.get_num_threads()
        torch.set_rng_state(self.random)
        torch.set_num_threads(1)
        try:
            with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), self.around():
                warnings.simplefilter("ignore")
                yield
        finally:
            self.random = torch.get_rng_state()
            torch.set_rng_state(users)
            torch.set_num_threads(threads)
