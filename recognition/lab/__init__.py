"""Data, training, evaluation and comparison: what serving never imports."""
