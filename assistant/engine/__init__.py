"""The engine: the base model, composing a bank into its weights, and generating replies."""
