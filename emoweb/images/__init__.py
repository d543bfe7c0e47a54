"""The analysis of an uploaded image, for the image page and the API."""
