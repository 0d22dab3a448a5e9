"""``wd-jax figure``: draw one figure of a finished run, in any format and for either width of a paper."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from tyro.conf import Positional, arg

from wd_jax import files, siblings
from wd_jax.cli import checks, datasets, stored
from wd_jax.cli.command import Command, Output, UsageError
from wd_jax.cli.fields import OptionalPath
from wd_jax.cli.parsing import nearest
from wd_jax.figures.kinds import KINDS
from wd_jax.figures.saving import save
from wd_jax.figures.style import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, kw_only=True)
class Options(Command):
    """Draw a figure from the results in a folder that reproduce wrote, or from one sweep.

    {kinds}
    """

    kind: Annotated[str, Positional, arg(metavar="KIND", help_behavior_hint="")]
    """What to draw: one of the kinds above, or an experiment, as `wd-jax experiment` lists them."""
    source: Annotated[Path, Positional, arg(metavar="RUN", help_behavior_hint="")]
    """Folder that reproduce wrote, or folder or file that a sweep wrote."""
    out: Annotated[Path, arg(aliases=("-o",), metavar="FILE", help_behavior_hint="")]
    """File to write: .svg, .pdf or .png."""
    width: Literal["one", "two"] = "two"
    """Columns of a paper: one is 3.25 inches, two are 6.75."""
    at: Annotated[tuple[str, ...], arg(metavar="AXIS=VALUE...", help_behavior_hint="(optional)")] = ()
    """Values of swept axes that the figure does not draw, such as eta=0.1."""
    dataset: datasets.OfRun = ""
    """What an experiment was trained on, where no name loads it."""
    data_dir: OptionalPath = None
    """Folder of the four MNIST files, for an experiment or the verdicts of a run on mnist."""

    def run(self) -> Output:
        """Open what is drawn, draw it and write the file."""
        checks.picture("--out", self.out)
        siblings.check("experiments", "derivations")
        import experiments

        known = (*experiments.names(), *KINDS)
        if self.kind not in known:
            raise UsageError(f"{self.kind}: no such figure: {nearest(self.kind, known)}choose among {', '.join(known)}")
        at = _chosen(self.at)
        if at and (self.kind not in KINDS or not KINDS[self.kind].of_sweeps):
            raise UsageError(f"--at {self.at[0]}: {self.kind} draws whole experiments: leave it out")
        files.writable_folder(self.out.parent)
        with style(self.width):
            save(self._figure(at), self.out)
        return Output(f"{self.out}", {"figure": str(self.out)})

    def _figure(self, at: dict[str, str]) -> "Figure":
        from experiments import figure_sources
        from experiments.preset import NONE

        if self.kind not in KINDS:
            if figure_sources.is_sweep(self.source):
                raise ValueError(
                    f"{self.kind}: {self.source} is one sweep; name a folder that reproduce wrote, or a kind"
                )
            (outcome,) = stored.judged(self.source, self.data_dir, self.kind, self.dataset).outcomes
            return outcome.draw()
        kind = KINDS[self.kind]
        if not kind.of_sweeps:
            figure_sources.refuse_sweep(self.source)
            run = stored.judged(self.source, self.data_dir, dataset=self.dataset)
            return kind.draw(list(run.verdicts), "" if run.dataset == NONE else run.dataset)
        runs = figure_sources.sweeps(kind, self.source, at)
        return kind.draw(*runs, **figure_sources.extras(kind, runs))


def _chosen(at: tuple[str, ...]) -> dict[str, str]:
    """Read AXIS=VALUE.

    Examples
    --------
    >>> _chosen(("eta=0.1", "hidden=30"))
    {'eta': '0.1', 'hidden': '30'}
    """
    chosen: dict[str, str] = {}
    for text in at:
        axis, equals, value = text.partition("=")
        if not (axis and equals and value):
            raise UsageError(f"--at {text}: not of the form AXIS=VALUE: give one such as eta=0.1")
        if axis in chosen:
            raise UsageError(f"--at {text}: {axis} is {chosen[axis]} already: give one value of each axis")
        chosen[axis] = value
    return chosen


_LIST = "\n\n".join(f"{kind.name}: {kind.summary}." for kind in KINDS.values())
Options.__doc__ = (Options.__doc__ or "").format(kinds=f"Kinds:\n\n{_LIST}")
