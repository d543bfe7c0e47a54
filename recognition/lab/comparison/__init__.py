"""Trains several recipes on the same data and budget, and reports on them."""
