"""Whom a TLS connection trusts: the environment's certificates, or else the system's."""

from __future__ import annotations

import os
import re
import ssl
import sys
from pathlib import Path
from typing import Final

_BUNDLES: Final = (
    "/etc/ssl/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/cert.pem",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/ca-bundle.pem",
)
"""Where systems keep their certificates, for an OpenSSL that looks elsewhere."""
_HASHED: Final = re.compile(r"[0-9a-fA-F]{8}\.\d")


def trusting_context() -> ssl.SSLContext:
    """Make a client's context; ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` count, as for the HTTP library's own."""
    if file := os.environ.get("SSL_CERT_FILE"):
        return ssl.create_default_context(cafile=file)
    if folder := os.environ.get("SSL_CERT_DIR"):
        return ssl.create_default_context(capath=folder)
    if sys.platform in {"darwin", "win32"}:  # pragma: no cover - their certificates are in no file
        from truststore import SSLContext

        return SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    bundle, folder = _installed()
    if bundle or folder:
        context.load_verify_locations(bundle, folder)
    return context


def _installed() -> tuple[str | None, str | None]:
    """Give the system's file of certificates, and the folder, as far as there are such."""
    places = ssl.get_default_verify_paths()
    bundle = places.openssl_cafile if Path(places.openssl_cafile).is_file() else None
    folder = places.openssl_capath if Path(places.openssl_capath).is_dir() else None
    if folder and not bundle and not any(_HASHED.fullmatch(entry.name) for entry in Path(folder).iterdir()):
        folder = None
    if not bundle and not folder:
        bundle = next((each for each in _BUNDLES if Path(each).is_file()), None)
    return bundle, folder
