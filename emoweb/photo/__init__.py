"""The image page, and the analysis that it shares with the API."""
