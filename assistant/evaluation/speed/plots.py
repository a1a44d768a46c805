"""The curves of the scaling run as one picture."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from assistant.errors import AssistantError

_CURVES = {"rank": "rank of an anchor", "attributes": "attributes", "parameters": "parameters of the model"}
_LINES = {
    "full_ms": ("full composition", "#1f5fa8", "o-"),
    "one_attribute_ms": ("one attribute", "#c2571a", "s-"),
    "token_ms": ("a token", "#777777", "--"),
}


def require() -> None:
    """Check that matplotlib is there.

    Raises:
        AssistantError: it is not.
    """
    if importlib.util.find_spec("matplotlib") is None:
        raise AssistantError("plots need matplotlib: pip install 'assistant[bench]'")


def draw(results: dict[str, Any], path: Path) -> None:
    """Write the picture as SVG.

    Args:
        results: of `scaling.run`.
        path: the file to write.
    """
    require()
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot as plt

    plt.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "assistant", "font.size": 9})
    curves = [name for name in _CURVES if any(point["curve"] == name for point in results["points"])]
    figure, panels = plt.subplots(1, len(curves), figsize=(3.3 * len(curves), 2.9), squeeze=False, sharey=True)
    for panel, curve in zip(panels[0], curves, strict=True):
        points = [point for point in results["points"] if point["curve"] == curve]
        places = [point[curve] for point in points]
        for key, (label, colour, style) in _LINES.items():
            panel.plot(places, [point[key] for point in points], style, color=colour, label=label, markersize=4)
        panel.set(xscale="log", yscale="log", xlabel=_CURVES[curve])
        panel.set_xticks(places, [_short(place) for place in places])
        panel.minorticks_off()
        panel.grid(axis="y", alpha=0.3)
    panels[0][0].set_ylabel("milliseconds")
    panels[0][0].legend(frameon=False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def _short(number: int) -> str:
    if number >= 10**9:
        return f"{number / 1e9:.1f}B"
    return f"{number / 1e6:.0f}M" if number >= 10**6 else str(number)
