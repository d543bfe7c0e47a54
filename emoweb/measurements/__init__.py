"""Per-second results of faces in sessions and videos: means, tallies, timelines, charts, words."""
