"""``wd-jax experiment``: one of the claims, or the list of them."""

from dataclasses import dataclass
from pathlib import Path

from wd_jax import siblings
from wd_jax.cli.command import Output, UsageError
from wd_jax.cli.fields import OptionalName, OptionalPath
from wd_jax.cli.parsing import nearest
from wd_jax.cli.reproduce import Options as Reproduce
from wd_jax.cli.reproduce import check_one, run_experiments


@dataclass(frozen=True, kw_only=True)
class Options(Reproduce):
    """Run one experiment with the settings of a preset; without NAME, list the experiments."""

    name: OptionalName = ""
    """Which experiment; the beginning of its name will do."""
    out: OptionalPath = None
    """Folder to write to; runs/NAME by default. The same command goes on with a run that was killed."""

    @property
    def folder(self) -> Path:
        """Where to write to."""
        import experiments

        return self.out or Path("runs") / experiments.registry.full(self.name)

    def run(self) -> Output:
        """Run it, or list what there is."""
        siblings.check("experiments", "derivations")
        import experiments

        known = experiments.names()
        if not self.name:
            titles = {name: experiments.load(name).title for name in known}
            return Output("\n".join(f"{name}  {title}" for name, title in titles.items()), {"experiments": titles})
        try:
            name = experiments.registry.full(self.name)
        except KeyError:
            hint = nearest(self.name, known)
            raise UsageError(f"{self.name}: no such experiment: {hint}see `wd-jax experiment`") from None
        check_one(self, name)
        return run_experiments(self, (name,), self.folder)
