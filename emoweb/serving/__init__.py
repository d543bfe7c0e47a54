"""Setting the site up and serving it: `manage.py set_up` and `manage.py serve`."""
