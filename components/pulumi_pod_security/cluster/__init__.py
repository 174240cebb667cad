"""A live API server: connection, version, inventory of its workloads, and the questions asked of it."""
