"""``wd-jax info``: what a stored sweep holds, and of a run in a folder how far it is."""

from dataclasses import dataclass

from wd_jax.cli.command import Command, Output
from wd_jax.cli.fields import Run


@dataclass(frozen=True, kw_only=True)
class Options(Command):
    """Print how far a sweep is, its axes, its settings and its final values."""

    run_: Run
    """Folder or file that a sweep wrote."""

    def run(self) -> Output:
        """Open it and summarise it; of a run of which nothing is done, say only that."""
        from wd_jax.results.summary import summarise
        from wd_jax.sweeps import opening
        from wd_jax.sweeps.store import generations

        if not generations.is_run(self.run_):
            summary = summarise(opening.read(self.run_))
            return Output(summary.text, summary.record, summary.warnings)

        from wd_jax.sweeps.live import words
        from wd_jax.sweeps.live.curves import NOTHING
        from wd_jax.sweeps.live.state import state, watched

        now = state(watched(self.run_))
        text, record = words.text(now, NOTHING), {"run": words.record(now, NOTHING)}
        if now.tasks_done == 0 and not now.replaces:
            return Output(text, record)
        summary = summarise(opening.read(self.run_))
        return Output(f"{text}\n\n{summary.text}", summary.record | record, summary.warnings)
