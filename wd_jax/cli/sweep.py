"""``wd-jax sweep``: train over hyper-parameters and seeds, into the folder of a run or one NetCDF file."""

import dataclasses
import math
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, make_dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from tyro.conf import arg

from wd_jax import setup
from wd_jax.cli import checks, config_file, datasets
from wd_jax.cli import seeds as typed_seeds
from wd_jax.cli.command import Command, Output, UsageError
from wd_jax.cli.fields import OptionalPath
from wd_jax.cli.reproduce import typed
from wd_jax.engine.probes import registry
from wd_jax.inputs import limits
from wd_jax.measurement import Probes
from wd_jax.optimisers import rules
from wd_jax.optimisers.coefficient import Coefficient
from wd_jax.setup import CHOICES, Setup

HIDDEN = 30
"""Hidden units if --widths is not given, as in Nielsen's chapter 3."""

Numbers = Annotated[tuple[float, ...], arg(metavar="FLOAT...", help_behavior_hint="(optional)")]
Counts = Annotated[tuple[int, ...], arg(metavar="INT...", help_behavior_hint="(optional)")]
Seeds = Annotated[tuple[str, ...], arg(metavar="INT|INT:INT...", help_behavior_hint="(default: 1)")]


def _own_numbers() -> dict[str, Coefficient]:
    return {one.name: one for one in rules.NUMBERS if one.name not in ("eta", "lmbda", "init_scale")}


def _of_a_rule(one: Coefficient) -> Any:
    limit = "" if math.isinf(one.below) else f", below {one.below:g}"
    *most, last = rules.readers(one.name)
    read_by = f"{', '.join(most)} and {last}" if most else last
    words = f"Of {read_by}{limit}; {one.default:g} by default."
    return Annotated[tuple[float, ...], arg(metavar="FLOAT...", help_behavior_hint="(optional)", help=words)]


def _of_schedules() -> Any:
    return arg(metavar="SCHEDULE...", help_behavior_hint="(optional)")


def _choices(field: str) -> Any:
    return arg(metavar="{" + ",".join(CHOICES[field]) + "}...", help_behavior_hint="(optional)")


@dataclass(frozen=True, kw_only=True)
class Starting(Command):
    """What is trained, and the numbers that every member has."""

    dataset: datasets.Name = "digits"
    """What to learn: a name, a folder of four IDX files (MNIST's format), or a file of inputs and labels."""
    data_dir: OptionalPath = None
    """Folder of the four files of mnist (the environment variable WD_JAX_DATA by default), or of idx."""
    widths: Counts = ()
    """Units per layer, inputs first; one hidden layer of 30 by default."""
    hidden: Counts = ()
    """Units per hidden layer, in place of those in --widths."""
    depth: Counts = ()
    """Number of hidden layers."""
    lmbda: Numbers = ()
    """Nielsen's regularisation rate; 0 by default."""
    eta: Numbers = ()
    """Learning rate; 0.1 by default."""
    init_scale: Numbers = ()
    """Factor on all initial weights; 1 by default."""


Reading = make_dataclass(
    "Reading",
    [(one.name, _of_a_rule(one), field(default=())) for one in _own_numbers().values()],
    bases=(Starting,),
    frozen=True,
    kw_only=True,
)
"""Besides that the numbers that some update rule reads, as its file in `wd_jax.optimisers` names them."""


@dataclass(frozen=True, kw_only=True)
class Training(Reading):
    """How it is trained, and for how long."""

    batch_size: Counts = ()
    """Minibatch size m, examples; 10 by default."""
    init: Annotated[tuple[str, ...], _choices("init")] = ()
    """Weights start at N(0, 1), the default, or at N(0, 1/n_in)."""
    activation: Annotated[tuple[str, ...], _choices("activation")] = ()
    """Of the hidden units; sigmoid by default."""
    loss: Annotated[tuple[str, ...], _choices("loss")] = ()
    """cross_entropy by default."""
    optimiser: Annotated[tuple[str, ...], _choices("optimiser")] = ()
    """sgd by default; adamw_cautious and adamw_absolute, or the like, are rules that decay in another way."""
    sampling: Annotated[tuple[str, ...], _choices("sampling")] = ()
    """Minibatches without replacement, the default, or with."""
    eta_schedule: Annotated[tuple[str, ...], _of_schedules()] = ()
    """Of the learning rate, eta the largest: cosine, linear, wsd, inverse_time, 'warm_up(0.1, then=cosine)'."""
    lmbda_schedule: Annotated[tuple[str, ...], _of_schedules()] = ()
    """Of the decay, lmbda the largest; durations are steps, or shares of the run with a point."""
    dtype: Annotated[tuple[str, ...], _choices("dtype")] = ()
    """Of weights and arithmetic; float32 by default. Of bfloat16 only the weights are: steps are float32."""
    rounding: Annotated[tuple[str, ...], _choices("rounding")] = ()
    """What rounding takes off weights is lost, the default, or kept beside them, so that the smallest decay acts."""
    seeds: Seeds = ("1",)
    """How many seeds: 0, 1, ...; or which: 8 9, or 0:64, from 0 up to 63."""
    epochs: int = 30
    """Passes over the training set."""
    records_per_epoch: int = 1
    """Records of the weights per epoch; must divide the steps per epoch."""
    evaluate_every: int = 1
    """Epochs between evaluations of cost and accuracy."""


Measuring = make_dataclass(
    "Measuring",
    [(switch.flag, Annotated[bool, arg(help=switch.help)], field(default=False)) for switch in registry.switches()],
    bases=(Training,),
    frozen=True,
    kw_only=True,
)
"""Besides that a flag for every probe that can be turned on or off, as its file in `wd_jax.engine.probes` names it."""


@dataclass(frozen=True, kw_only=True)
class Options(Measuring):
    """Train every combination of the values given, for every seed; several values of an option make an axis."""

    keep_weights: bool = False
    """Also store the final weights and biases."""
    method: setup.Method = "auto"
    """How members are trained: the same numbers up to rounding, at another speed."""
    out: OptionalPath = None
    """Folder of the run, which keeps each task as it finishes: the same command goes on with a run that was killed, and
    one with more seeds or values trains only what is new. A name that ends in .nc is one file, written at the end."""
    overwrite: bool = False
    """Replace the run or the file that is there; a run stays until the new one is whole."""
    dry_run: bool = False
    """Print what would be run, and stop."""
    config: OptionalPath = None
    """TOML file of these options; what the command line gives beats it."""
    print_config: bool = False
    """Print the file that gives these options, and stop."""
    engine: Literal["threads", "dask"] = "threads"
    """Who runs the tasks: threads of this process, or a Dask cluster (needs --out to be a folder)."""
    address: Annotated[str, arg(metavar="ADDRESS", help_behavior_hint="(optional)")] = ""
    """Scheduler of a Dask cluster that is there, or the file that it wrote; by default one is made of all cores."""
    plan_only: bool = False
    """Write the plan into the folder --out and stop: `wd-jax worker` runs its tasks."""

    def __post_init__(self) -> None:
        """Refuse values outside their range before any data is read."""
        checks.positive("--eta", *self.eta)
        for option in dict.fromkeys(one.name for one in rules.NUMBERS if one.least == 0 and not one.above):
            checks.non_negative(f"--{option.replace('_', '-')}", *getattr(self, option))
        for option in ("widths", "hidden", "depth", "batch_size"):
            checks.at_least(f"--{option.replace('_', '-')}", 1, *getattr(self, option))
        for option in ("epochs", "records_per_epoch", "evaluate_every"):
            checks.at_least(f"--{option.replace('_', '-')}", 1, getattr(self, option))
        _check_limits(self)
        if self.out is None and not (self.dry_run or self.print_config):
            raise UsageError("--out: missing: name the folder to write, or give --dry-run")
        if self.plan_only and (self.dry_run or self.out is None or self.out.suffix == ".nc"):
            raise UsageError("--plan-only: needs --out with the name of a folder, and no --dry-run")

    trains: ClassVar[bool] = True

    @classmethod
    def expanded(cls, tokens: Sequence[str]) -> Sequence[str]:
        """Give the tokens with those of the file that --config names."""
        return config_file.expanded(cls, tokens)

    def interrupted(self, whole: Sequence[Path]) -> str:
        """Say what is kept: of a run in a folder all tasks that had finished, of one file nothing but the whole."""
        from wd_jax.cli.run_state import kept
        from wd_jax.files import path_of

        if self.out is not None and self.out.suffix != ".nc":
            return kept(self.out)
        if self.out is not None and path_of(self.out) in whole:
            return f"{path_of(self.out)}: written, and whole; see `wd-jax info {shlex.quote(str(self.out))}`"
        return (
            "a sweep into one file is written at its end, so nothing of this one is kept; run the same command again, "
            "or give --out a folder, which keeps what has finished"
        )

    def run(self) -> Output:
        """Plan, and unless it is a dry run, train and write."""
        if self.print_config:
            from wd_jax.cli import config_text

            return Output(config_text.text(self), {"config": config_text.entries(self)})
        from wd_jax.cli import machine
        from wd_jax.sweeps.plan import make_plan
        from wd_jax.sweeps.sweep import check_engine

        cluster: dict[str, Any] = {"engine": self.engine, "address": self.address or None}
        try:
            check_engine(self.engine, self.address or None, self.out if self.out else "dry run")
        except (ValueError, ImportError) as error:
            raise UsageError(f"--{error}") from error
        machine.cache_compilations()
        data = datasets.load(self.dataset, self.data_dir)
        axes = {axis: _scalar_or_list(getattr(self, axis)) for axis in AXES if getattr(self, axis)}
        switched = {switch.option: switch.given for switch in registry.switches() if getattr(self, switch.flag)}
        probes = Probes(
            **switched,
            records_per_epoch=self.records_per_epoch,
            evaluate_every=self.evaluate_every,
            keep_weights=self.keep_weights,
        )
        seeds = typed_seeds.chosen(self.seeds)
        try:
            setup = Setup(widths=self.widths or (data.n_in, HIDDEN, data.n_out))
            plan = make_plan(setup, data, axes, seeds=seeds, epochs=self.epochs, probes=probes, method=self.method)
        except ValueError as error:
            raise UsageError(str(error)) from error
        if self.dry_run or self.out is None:
            from wd_jax.display import facts_text

            return Output("\n".join(facts_text(plan.facts())), {"dry_run": True, **plan.record(), "out": self.out})

        import wd_jax
        from wd_jax.sweeps.sweep import run

        origin = {"word": self.dataset, **({"folder": str(self.data_dir.resolve())} if self.data_dir else {})}
        plan = dataclasses.replace(plan, origin=origin)
        if self.plan_only:
            from wd_jax.sweeps import planning

            tasks, missing = planning.begin(plan, self.out, overwrite=self.overwrite, made_by=typed())
            text = f"{self.out}: {tasks} tasks, {missing} of them to run: wd-jax worker {shlex.quote(str(self.out))}"
            return Output(f"{text} --shard i/N", {"out": self.out, "tasks": tasks, "missing": missing})
        runs = run(plan, out=self.out, overwrite=self.overwrite, made_by=typed(), **cluster)
        summary = wd_jax.summarise(runs)
        return Output(f"{summary.text}\n\nwritten to {self.out}", {"out": self.out, **summary.record}, summary.warnings)


AXES = (
    *("lmbda", "eta", *rules.NAMES[2:]),
    *("hidden", "depth", "batch_size", "init", "activation", "loss", "optimiser", "sampling", "dtype", "rounding"),
    *("eta_schedule", "lmbda_schedule"),
)
"""Options of which several values make an axis."""


def _check_limits(options: Options) -> None:
    """Refuse sizes before any data is read, in the words that Python uses."""
    counts = (("epochs", limits.EPOCHS), ("evaluate_every", limits.EPOCHS), ("records_per_epoch", limits.EXAMPLES))
    listed = (("hidden", limits.WIDTH), ("depth", limits.LAYERS), ("batch_size", limits.EXAMPLES))
    traced = [name for name in AXES if name in rules.NAMES]
    many = {name: max(1, len(getattr(options, name))) for name in AXES}
    try:
        for name, limit in counts:
            limits.at_most(name, getattr(options, name), limit)
        for name, limit in listed:
            for value in getattr(options, name):
                limits.at_most(name, value, limit)
        cells = math.prod(many[name] for name in traced)
        limits.check_members(math.prod(many.values()) // cells, cells, typed_seeds.how_many(options.seeds))
    except ValueError as error:
        raise UsageError(str(error)) from error


def _scalar_or_list(values: tuple[Any, ...]) -> Any:
    """Give one value as a scalar, several as a list: only a list becomes a dimension."""
    return values[0] if len(values) == 1 else list(values)
