"""One training whose log is kept: what really runs, and what its user says of it."""

from dataclasses import dataclass, replace
from typing import Any

ALL = "*"
"""As a layer: each one whose norm is in the log."""

PARTLY = "partly lost"
"""Planted: a share of the decay is lost, too little to call it lost and too much to call it whole."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A training.

    Attributes
    ----------
    name : str
        Of its file or folder.
    writer : str
        "keras", "keras_hook", "lightning", "transformers", "tensorboard", "hook", "jax_hook", "jsonl", "safetensors",
        "npz" or "torch".
    network, data : str
        By the names of `networks` and `data`.
    optimiser : str
        What really runs, by the names of `optimisers`, or of Keras.
    lr, weight_decay : float
        What the user asks for, dimensionless.
    really : mapping
        What runs instead, where the user is mistaken: "lr", "weight_decay", "dtype".
    options : mapping
        More arguments of the optimiser: momentum, betas.
    said : str
        How the user names the optimiser, for ``--optimiser``.
    dtype : str
        Of the weights.
    schedule : str
        By the names of `schedules`.
    steps, every, batch, seed : int
        Of the training; a record is made each `every` steps.
    undecayed, unhanded : tuple of str
        Modules in a group of no decay; and those never handed to the optimiser.
    planted : str
        The kind of finding that there must be; empty for a clean log; `PARTLY` for what is neither.
    also : tuple of str
        Kinds that would be as right.
    layers : tuple of str
        Modules that the mistake is in; `ALL` for each.
    norms : bool
        Whether the log has them.
    optim : str
        Of the Trainer's arguments, where it is not the Trainer's own choice.
    why : str
        The mistake in a sentence.
    """

    name: str
    writer: str
    network: str
    optimiser: str
    lr: float
    weight_decay: float
    said: str
    data: str = "digits"
    really: Any = None
    options: Any = None
    dtype: str = "float32"
    schedule: str = "constant"
    steps: int = 3000
    every: int = 25
    batch: int = 64
    seed: int = 0
    undecayed: tuple[str, ...] = ()
    unhanded: tuple[str, ...] = ()
    planted: str = ""
    also: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    norms: bool = True
    optim: str = ""
    why: str = ""

    def really_is(self, name: str) -> Any:
        """What runs, which is not always what is said."""
        return (self.really or {}).get(name, getattr(self, name))

    def again(self, seed: int) -> "Case":
        """The same with another seed, and a name that says so."""
        return replace(self, seed=seed, name=f"{self.name}_seed{seed}")
