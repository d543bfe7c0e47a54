"""Readers: convert users' files to arrays with labels and splits."""
