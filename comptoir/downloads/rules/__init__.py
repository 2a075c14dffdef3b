"""Which versions may be installed, what a file is, which part of it is asked for, how long a trial lasts. Pure."""
