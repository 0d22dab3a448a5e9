"""``wd-jax experiment``: one experiment with a preset's settings or one's own, or the list of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wd_jax import siblings
from wd_jax.cli import own_settings
from wd_jax.cli.command import Command, Output, UsageError
from wd_jax.cli.fields import OptionalName, OptionalPath
from wd_jax.cli.parsing import nearest
from wd_jax.cli.reproduce import Options as Reproduce
from wd_jax.cli.reproduce import check_one, run_experiments


@dataclass(frozen=True, kw_only=True)
class Options(Reproduce):
    """Run one experiment with the settings of a preset, or your own; without NAME, list the experiments.

    Each experiment's settings are options of its own: `wd-jax experiment NAME --help` lists them.
    """

    name: OptionalName = ""
    """Which experiment; the beginning of its name will do."""
    out: OptionalPath = None
    """Folder to write to; runs/NAME by default. The same command goes on with a run that was killed."""

    @property
    def folder(self) -> Path:
        """Where to write to."""
        import experiments

        return self.out or Path("runs") / experiments.registry.full(self.name)

    @classmethod
    def chosen(cls, tokens: Sequence[str]) -> type[Command]:
        """Add the settings of the experiment that is named."""
        siblings.check("experiments", "derivations")
        import experiments

        name = own_settings.standing(cls, tokens)
        if not name:
            if option := own_settings.stray(cls, tokens):
                raise UsageError(
                    f"{option}: a setting of an experiment, and none is named: write `wd-jax experiment NAME {option} "
                    "...`; `wd-jax experiment` lists them"
                )
            return cls
        experiment = experiments.load(_full(name))
        own_settings.check_known(cls, experiment, tokens)
        return own_settings.with_options(cls, experiment)

    def run(self) -> Output:
        """Run it, or list what there is."""
        siblings.check("experiments", "derivations")
        import experiments

        if not self.name:
            titles = {name: experiments.load(name).title for name in experiments.names()}
            return Output("\n".join(f"{name}  {title}" for name, title in titles.items()), {"experiments": titles})
        name = _full(self.name)
        check_one(self, name)
        return run_experiments(self, (name,), self.folder, own_settings.given(self, experiments.load(name)))


def _full(asked: str) -> str:
    """Complete the name of an experiment."""
    import experiments

    try:
        return experiments.registry.full(asked)
    except KeyError:
        known = experiments.names()
        hint = nearest(asked, (*known, *("_".join(name.split("_")[:2]) for name in known)))
        raise UsageError(f"{asked}: no such experiment: {hint}see `wd-jax experiment`") from None
