"""Videos: uploaded on a page, analyzed by workers, shown with a timeline, deleted after a day."""
