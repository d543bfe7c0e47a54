#!/usr/bin/env python
"""Django's command line for emoweb."""

import sys

from emoweb.__main__ import manage

if __name__ == "__main__":
    sys.exit(manage(sys.argv))
