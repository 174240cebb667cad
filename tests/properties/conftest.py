"""How the laws are tried: without a clock, which on a busy machine measures the machine."""

from hypothesis import HealthCheck, settings

__all__: list[str] = []

settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
