"""What the tests of the audit share: the stored table, where this machine has it."""

import json
from pathlib import Path

import pytest

TABLE = Path(__file__).parents[3] / "shared" / "audit" / "measured.json"


@pytest.fixture(scope="session")
def measured() -> list[dict]:
    """The measured rows, one an optimiser and setting."""
    if not TABLE.is_file():
        pytest.skip("shared/audit/measured.json is not beside this repository")
    return json.loads(TABLE.read_text(encoding="utf-8"))["rows"]
