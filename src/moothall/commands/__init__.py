"""One module for each command of the command line: takes parsed options, returns an answer, prints nothing."""
