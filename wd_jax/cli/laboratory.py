"""``wd-jax laboratory``: the laws beside their simulations, one of them or all, or the list of them."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from wd_jax import siblings
from wd_jax.cli import own_settings
from wd_jax.cli.command import Command, Output, UsageError
from wd_jax.cli.fields import OptionalName, OptionalPath
from wd_jax.cli.parsing import nearest
from wd_jax.cli.reproduce import Options as Reproduce
from wd_jax.cli.reproduce import check_one, run_experiments

if TYPE_CHECKING:
    from experiments import Experiment

ALL = "all"
"""What is typed for every law."""
WIDTH = 100


@dataclass(frozen=True, kw_only=True)
class Options(Reproduce):
    """Simulate what a law speaks of and judge the law; without NAME, list the laws, with `all` judge every one.

    The numbers of each law's settings are options of its own: `wd-jax laboratory NAME --help` lists them.
    """

    name: OptionalName = ""
    """Which law, or all of them (all); the beginning of a name will do."""
    out: OptionalPath = None
    """Folder to write to; runs/NAME by default, runs/laboratory for all. The same command goes on after a kill."""
    preset: Literal["quick", "full"] = "quick"
    """Settings: quick takes under a minute a law, full from one minute to many."""

    @property
    def folder(self) -> Path:
        """Where to write to."""
        import experiments

        own = "laboratory" if self.name == ALL else self.name and experiments.registry.full(self.name)
        return self.out or Path("runs") / own

    @classmethod
    def chosen(cls, tokens: Sequence[str]) -> type[Command]:
        """Add the settings of the law that is named."""
        siblings.check("experiments", "derivations")
        import experiments

        name = own_settings.standing(cls, tokens)
        if name and name != ALL:
            law = experiments.load(_one(name, experiments.names("laboratory")))
            own_settings.check_known(cls, law, tokens)
            return own_settings.with_options(cls, law)
        if option := own_settings.stray(cls, tokens):
            raise UsageError(
                f"{option}: a setting of one law, and none is named: write `wd-jax laboratory NAME {option} ...`; "
                "`wd-jax laboratory` lists them"
            )
        return cls

    def run(self) -> Output:
        """Run one law or all, or list what there is."""
        siblings.check("experiments", "derivations")
        import experiments

        known = experiments.names("laboratory")
        if not self.name:
            return listed([experiments.load(name) for name in known])
        if self.name != ALL:
            one = _one(self.name, known)
            check_one(self, one)
            return run_experiments(self, (one,), self.folder, own_settings.given(self, experiments.load(one)))
        chosen = [name for name in known if self.has_settings(experiments.load(name))]
        shown = run_experiments(self, chosen, self.folder)
        left = [name for name in known if name not in chosen]
        if not left:
            return shown
        said = f"left out, for they have no {self.preset} settings for {self.dataset}: {', '.join(left)}"
        return Output(shown.text, shown.record, (*shown.warnings, said), shown.failed)

    def has_settings(self, law: "Experiment") -> bool:
        """Whether a law has settings of this size for the data set, or needs none; on own data those of digits do."""
        from experiments.own import BORROWED
        from experiments.preset import NONE

        dataset = self.dataset if self.dataset == "mnist" else BORROWED
        return bool({(dataset, self.preset), (NONE, self.preset)} & set(law.presets))


def _one(asked: str, known: Sequence[str]) -> str:
    """Complete the name of a law."""
    typed = asked.lower()
    found = [typed] if typed in known else [name for name in known if name.startswith(typed)]
    if len(found) == 1:
        return found[0]
    hint = nearest(typed, known) if not found else f"did you mean {' or '.join(found)}? "
    raise UsageError(f"{asked}: no such law: {hint}see `wd-jax laboratory`")


def listed(laws: "Sequence[Experiment]") -> Output:
    """List laws with what each asks.

    Parameters
    ----------
    laws : sequence of Experiment
        Of the laboratory.
    """
    lines = []
    for one in laws:
        asked = textwrap.wrap(one.question, WIDTH - 4, initial_indent="    ", subsequent_indent="    ")
        lines += [f"{one.name}  {one.title}", *asked]
    record = {one.name: {"title": one.title, "question": one.question, "data": list(one.datasets)} for one in laws}
    return Output("\n".join(lines), {"laboratory": record})
