"""The address of architectures before `core.networks`, which tasks of that time use."""

from core.networks.architecture import Architecture

__all__ = ["Architecture"]
