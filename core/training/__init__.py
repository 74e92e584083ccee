"""Training a network: settings, schedule, loop, events, history and diagnosis."""
