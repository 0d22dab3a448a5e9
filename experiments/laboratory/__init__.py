"""One law a folder: other rules, schedules and networks than the exercise has, each held against its law.

Empty for now. `experiments.exercise` shows what a folder brings; a line in `experiments.registry` makes it known.
"""

from experiments.experiment import Collection

LABORATORY = Collection(
    name="laboratory",
    title="Laws of weight decay, measured",
    heading="Laws of weight decay, measured",
)
