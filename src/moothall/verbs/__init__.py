"""One module for each verb: takes parsed options, returns an answer, prints nothing."""
