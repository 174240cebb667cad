"""Pulumi components and dynamic resources; with `testing` the only place that knows Pulumi.

Modules that define dynamic providers never move: their path is in users' state.
"""
