"""Training: a recipe and a data set in, weights with their card out."""
