"""Live streams: one engine for all viewers, one session per viewer."""
