"""The address of noisy channels before `core.segments`, which tasks of that time use."""

from core.segments.channels import BIT_FLIP, MISSING

__all__ = ["BIT_FLIP", "MISSING"]
