"""Types of options that several commands share, with the words their help shows."""

from pathlib import Path
from typing import Annotated

from tyro.conf import Positional, arg

OptionalFloat = Annotated[float | None, arg(metavar="FLOAT", help_behavior_hint="(optional)")]
OptionalInt = Annotated[int | None, arg(metavar="INT", help_behavior_hint="(optional)")]
OptionalPath = Annotated[Path | None, arg(metavar="PATH", help_behavior_hint="(optional)")]
OptionalName = Annotated[str, Positional, arg(metavar="[NAME]", help_behavior_hint="(optional)")]
Run = Annotated[Path, Positional, arg(metavar="RUN", help_behavior_hint="")]
