"""The REST API, its keys, and the page that documents it."""
