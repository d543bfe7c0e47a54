"""Live streams: one engine for all viewers, one session a viewer."""
