"""200 runs of the real program, killed at random moments: `python -m tests.reliability.kill`."""
