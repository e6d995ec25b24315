"""What a Pulumi program and the engine say to each other: requests, goals, property values and names."""
