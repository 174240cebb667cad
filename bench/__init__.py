"""Measurements. Each prints figures taken in one run; none of them is a test."""
