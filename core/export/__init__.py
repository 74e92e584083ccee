"""What a person takes away from a run: code, tables and logs."""
