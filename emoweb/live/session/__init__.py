"""A viewer's session: what it was started with, how it is resumed, and how it is recorded."""
