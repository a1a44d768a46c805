from __future__ import annotations

import json

from tests.real.conftest import run


def test_startup_is_of_the_promised_order() -> None:
    """The promise is 0.5, 1.5 and 8 s on two quiet cores; a busy machine gets twice as much."""
    done = run("bench", "startup", "--repeats", "1", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert 0 < found["help_s"] < 1
    assert found["help_s"] < found["paint_s"] < 3
    assert found["paint_s"] < found["ready_s"] < 16
    assert found["peak_mb"] > 500
    assert "cores of" in found["machine"]
