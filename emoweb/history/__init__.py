"""The pages of recorded sessions: lists, charts, comparison, markers, merged faces."""
