"""`python -m pulumi_pod_security.cli`."""

from pulumi_pod_security.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    main()
