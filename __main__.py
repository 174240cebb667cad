"""The stack program: read the stack's configuration and build what it asks for."""

from stacks import run

run()
