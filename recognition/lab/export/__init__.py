"""Writing networks for programs without torch: the graphs that a CPU serves, and exports for others."""
