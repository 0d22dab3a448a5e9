"""``python -m wd_jax.cli``, the same as ``python -m wd_jax``."""

import sys

from wd_jax.cli import main

sys.exit(main())
