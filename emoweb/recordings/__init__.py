"""Recorded live sessions: their tables, their export, and their deletion, whether or not they have pages."""
