"""`python -m service` is the command line under another name."""

from service.cli import main

if __name__ == "__main__":
    main()
