"""Docker engines: the only room that imports the `docker` SDK, whose low-level client speaks Engine API 1.41 and later.

Importing it loads neither the SDK nor a connection; the first client that is opened does.
"""
