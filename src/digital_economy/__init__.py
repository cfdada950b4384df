"""Recompute the 2025 digital-economy report from public data."""
