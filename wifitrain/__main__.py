"""`python -m wifitrain`: the same program as the console script."""

from wifitrain.cli import main

if __name__ == "__main__":
    main()
