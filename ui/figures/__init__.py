"""What several figures share: colours, axes, heat maps."""
