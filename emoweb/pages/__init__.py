"""The general pages: privacy, models, health and errors."""
