"""What the pages share: the state of a session, cached resources, widgets and components."""
