"""What each platform has by default, and how its API server is told to enforce."""
