"""Arrays as short text in a learner's JSON state, exact to the bit."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray


def packed(array: NDArray[Any]) -> dict[str, Any]:
    """Return an array of float32 or int32 as plain values."""
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    return {"shape": list(array.shape), "data": base64.b64encode(little.tobytes()).decode("ascii")}


def unpacked(values: Any, dtype: type[np.generic]) -> NDArray[Any]:
    """Return the array that `packed` described.

    Raises:
        ValueError: the text is damaged.
    """
    raw = base64.b64decode(values["data"], validate=True)
    little = np.frombuffer(raw, np.dtype(dtype).newbyteorder("<"))
    return little.astype(dtype).reshape(values["shape"])
