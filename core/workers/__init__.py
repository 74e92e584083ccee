"""Work outside the server process: the pool, its jobs, and what a job has of the server."""
