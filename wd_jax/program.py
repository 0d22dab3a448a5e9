"""What is fixed in each compiled program, and no more: members that differ in anything else share its compilation."""

from dataclasses import dataclass

from wd_jax.held import USUAL, Held
from wd_jax.models.model import MLP
from wd_jax.models.own import OwnModel
from wd_jax.optimisers.rule import Rule


@dataclass(frozen=True)
class Start:
    """What the program that starts members depends on.

    Attributes
    ----------
    model : Model
        Draws the parameters.
    init : str
        How they are scaled, "gaussian" or "fan_in".
    rule : Rule
        Starts its own state.
    dtype : str
        Of arithmetic and state.
    held : Held
        How weights are held.
    own : tuple of (str, str)
        Hashes of the functions of the user's own: one that says something else now is compiled anew.
    """

    model: MLP | OwnModel
    init: str
    rule: Rule
    dtype: str
    held: Held = USUAL
    own: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Objective:
    """What the program that evaluates members depends on: the model, and the loss of its outputs."""

    model: MLP | OwnModel
    loss: str
    own: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Program:
    """What the program that trains members depends on.

    Attributes
    ----------
    model : Model
        What is trained.
    loss : str
        Of its outputs.
    rule : Rule
        How it is stepped.
    batch_size : int
        Minibatch size m, examples.
    dtype : str
        Of arithmetic.
    held : Held
        How weights are held between steps.
    own : tuple of (str, str)
        Hashes of the functions of the user's own: one that says something else now is compiled anew.
    """

    model: MLP | OwnModel
    loss: str
    rule: Rule
    batch_size: int
    dtype: str
    held: Held = USUAL
    own: tuple[tuple[str, str], ...] = ()

    @property
    def objective(self) -> Objective:
        """What an evaluation depends on: neither the rule nor the minibatches."""
        return Objective(self.model, self.loss, self.own)
