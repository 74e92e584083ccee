"""What several pages show: pickers, predictions, progress, tables."""
