"""Images: the page that takes them, and the analysis that it shares with the API."""
