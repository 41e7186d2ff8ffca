"""`python -m mmgsf` is the command `mmgsf`."""

from mmgsf.cli import main

if __name__ == '__main__':
    main()
