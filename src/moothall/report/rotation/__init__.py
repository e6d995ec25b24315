"""An exchange of the passphrase."""
