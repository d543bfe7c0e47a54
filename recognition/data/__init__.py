"""Readers: files as users have them -> arrays with labels and splits."""
