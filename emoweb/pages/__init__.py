"""The pages around the product: privacy, models, health and errors."""
