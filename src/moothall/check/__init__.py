"""What is wrong with definitions: their shape by JSON Schema, and their sense by one rule for each mistake."""
