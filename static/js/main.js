// Finds the parts of a page and starts them.
