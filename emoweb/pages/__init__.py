"""The general pages: privacy, models, stored data and errors."""
