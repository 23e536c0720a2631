"""Entry point of the `oppman` script and of `python -m oppman`."""

from oppman.cli import main

if __name__ == "__main__":
    main()
