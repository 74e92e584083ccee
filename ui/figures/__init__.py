"""Parts that several figures share: colours, axes, heat maps."""
