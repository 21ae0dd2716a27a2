"""Refresh ``spec/models`` from the public registries; run as ``python -m codegen.registry --sources DIR``."""
