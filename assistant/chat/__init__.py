"""The headless core that the interface and the command line share: turns, commands, profiles, and the model's host."""
