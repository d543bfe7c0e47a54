"""How good a model is: metrics as pure functions, apart from what runs the models."""
