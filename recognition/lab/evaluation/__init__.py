"""Evaluation of models: metrics as pure functions, separate from the code that runs the models."""
