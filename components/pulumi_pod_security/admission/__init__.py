"""Who may use which policy, which one a pod gets, and why not: what the PodSecurityPolicy plugin answers."""
