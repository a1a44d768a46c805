"""What is never read: weights in forms that can run a program while they are loaded."""

from __future__ import annotations

from pathlib import Path

_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".npz", ".npy")
_STARTS = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
"""First bytes of torch.save's archives, and of bare pickles."""


def pickled(place: Path) -> Path | None:
    """Return the pickle that `place` is, or that lies in that folder where no safetensors file does; else None."""
    if place.is_dir():
        inside = sorted(path for path in place.iterdir() if path.is_file())
        if any(path.suffix == ".safetensors" for path in inside):
            return None
        return next((path for path in inside if _is_pickle(path)), None)
    return place if place.is_file() and _is_pickle(place) else None


def refusal(path: Path) -> str:
    """Return why a file of pickles is not read, in one line."""
    return (
        f"{path} is a pickle, which could run any program while it is read: "
        "weights are read from safetensors files alone"
    )


def _is_pickle(path: Path) -> bool:
    if path.suffix.lower() in _PICKLES:
        return True
    try:
        with path.open("rb") as file:
            return file.read(4).startswith(_STARTS)
    except OSError:
        return False
