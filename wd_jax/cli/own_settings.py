"""An experiment's settings as options: made from the fields of its presets, whose docstrings are the help."""

import dataclasses
from collections.abc import Sequence
from dataclasses import field, make_dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from tyro.conf import arg

from wd_jax.cli import tokens as typed
from wd_jax.cli.command import Command, UsageError
from wd_jax.cli.parsing import nearest

if TYPE_CHECKING:
    from experiments import Experiment

C = TypeVar("C", bound=Command)
METAVAR = {int: "INT", float: "FLOAT"}


def with_options(options: type[C], experiment: "Experiment") -> type[C]:
    """Give a command the settings of one experiment as options.

    Parameters
    ----------
    options : type
        The command's dataclass.
    experiment : Experiment
        Its settings are read; a field of the same name that the command has keeps its meaning.

    Returns
    -------
    type
        A dataclass of the same command. A setting that is not given is None, or ().

    Examples
    --------
    >>> from experiments import registry
    >>> from wd_jax.cli.experiment import Options
    >>> made = with_options(Options, registry.load("claim_2"))
    >>> made(name="claim_2", lmbda=2.0).lmbda
    2.0
    """
    from experiments import own
    from experiments.field_words import words

    said, kinds = words(experiment.preset_type), _kinds(experiment)
    size, preset = next(iter(experiment.presets.items()))
    made: list[Any] = []
    for name in experiment.settings:
        kind, several = own.number_of(kinds[name]), own.several(kinds[name])
        there = f"(default: {_text(getattr(preset, name))})"
        metavar = f"{METAVAR[kind]}{'...' if several else ''}"
        about = arg(metavar=metavar, help=said.get(name, f"{name} of the settings."), help_behavior_hint=there)
        value: Any = tuple[kind, ...] if several else kind | None  # pyrefly: ignore
        made.append((name, Annotated[value, about], field(default=() if several else None)))
    named = {"about": experiment.name}
    options_of = make_dataclass(options.__name__, made, bases=(options,), namespace=named, frozen=True, kw_only=True)
    where = " ".join(word for word in size if word != "none")
    own_words = f"Its settings are options; defaults are those of the preset {where}, and other presets have others."
    options_of.__doc__ = f"{experiment.title}. {experiment.question}\n\n{own_words}"
    return options_of


def given(command: Command, experiment: "Experiment") -> dict[str, Any]:
    """Give the settings that were typed, by name."""
    found = {name: getattr(command, name, None) for name in experiment.settings}
    return {name: value for name, value in found.items() if value not in (None, ())}


def check_known(options: type[Command], experiment: "Experiment", tokens: Sequence[str]) -> None:
    """Refuse an option that is a setting, though none that this experiment reads.

    Parameters
    ----------
    options : type
        The command's dataclass, without settings.
    experiment : Experiment
        That is to be run.
    tokens : sequence of str
        As typed.
    """
    known = {*typed.named(options), *map(typed.named_as, experiment.settings)}
    for position, token in enumerate(tokens):
        option = token.partition("=")[0].replace("_", "-")
        if not option.startswith("--") or option in known or option == "--help":
            continue
        if owners := _owners(option):
            from wd_jax.cli import foreign

            if foreign.meant(with_options(options, experiment), option, tokens, position).startswith("give"):
                continue  # a word of another library: whoever reads the tokens answers it
            of = owners[0] if len(owners) == 1 else f"{', '.join(owners[:3])}{' ...' if len(owners) > 3 else ''}"
            hint = nearest(option, map(typed.named_as, experiment.settings))
            raise UsageError(
                f"{option}: {experiment.name} does not read it, it is a setting of {of}: {hint}"
                f"see `wd-jax experiment {experiment.name} --help`"
            )


def stray(options: type[Command], tokens: Sequence[str]) -> str:
    """Name the first option that only one experiment's settings could be; nothing if there is none."""
    known = typed.named(options)
    words = [token.partition("=")[0] for token in tokens]
    return next((one for one in words if one.replace("_", "-") not in known and _owners(one)), "")


def standing(options: type[Command], tokens: Sequence[str]) -> str:
    """Find the first word that is neither an option nor the value of one that the command has: a name."""
    known = typed.named(options)
    takes = False
    for token in tokens:
        if token.startswith("--"):
            name, equals, _ = token.partition("=")
            option = known.get(name.replace("_", "-"))
            takes = not equals and (option is None or option.kind is not bool)
        elif takes and not typed.NEGATIVE.match(token) and token[:1] != "-":
            takes = False  # of a list the first value: the others are numbers, and no names
        elif token[:1].isalpha():
            return token
    return ""


def _owners(option: str) -> list[str]:
    """Name the experiments of which an option is a setting."""
    import experiments

    name = option.lstrip("-").replace("-", "_")
    if not option.startswith("--"):
        return []
    return [one for one in experiments.names() if name in experiments.load(one).settings]


def _kinds(experiment: "Experiment") -> dict[str, Any]:
    return {one.name: one.type for one in dataclasses.fields(experiment.preset_type)}


def _text(value: Any) -> str:
    from experiments.preset import text_of

    return text_of(value)
