"""Filters and tags for every template."""
