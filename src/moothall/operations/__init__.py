"""What commands do, a room for each use case: an operation may be part of another, a command never is."""
