"""What is known of a model without loading it: card, labels, calibration, architecture."""
