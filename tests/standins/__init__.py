"""The providers' APIs at the wire, for their own unmodified SDKs: operations take time, and fail on demand."""
