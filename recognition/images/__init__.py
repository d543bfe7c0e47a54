"""Images from files and bytes: headers, limits, decoding, orientation."""
