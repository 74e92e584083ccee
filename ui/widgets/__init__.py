"""Widgets that several pages share: pickers, predictions, progress, tables."""
