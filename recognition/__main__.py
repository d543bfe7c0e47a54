"""`python -m recognition`."""

import sys

from recognition.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
