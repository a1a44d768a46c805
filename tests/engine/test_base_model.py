"""Where the embedded model is looked for and converted."""

import threading

import pytest

from assistant.engine import base_model, embedded
from assistant.engine.carrier import CarrierError


def test_the_first_conversion_runs_where_transformers_was_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    converted_in = []

    def convert(say: object) -> None:
        converted_in.append(threading.current_thread())
        raise CarrierError("stop here")

    monkeypatch.setattr(embedded, "is_sound", lambda path: False)
    monkeypatch.setattr(embedded, "ensure", convert)
    with pytest.raises(CarrierError):
        base_model.load_base()
    assert converted_in == [threading.current_thread()]
