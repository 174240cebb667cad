"""What the unit tests share: stand-ins for an API server, for kubeadm and for Pulumi's configuration."""
