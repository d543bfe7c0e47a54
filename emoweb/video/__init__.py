"""Films: given on a page, analysed by workers, shown with a timeline, forgotten after a day."""
