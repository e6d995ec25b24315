"""Changes to files that people wrote: only the bytes that are meant change. Pure, but for `edit.files`."""
