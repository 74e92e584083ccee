"""Searches as people see them."""
