"""``python -m wd_jax``, for when the script is not on the path."""

import sys

from wd_jax.cli import main

sys.exit(main())
