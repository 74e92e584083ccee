"""What a person can download from a run: code, tables and logs."""
