"""Kubernetes objects out of files, folders, streams and Python data: each with its place, each fault with its own.

Documents come one by one and are forgotten behind the reader, so that memory does not grow with their number; of a list
that is one document the same holds for its items. One document that cannot be read takes no other with it.
"""

from pulumi_pod_security.admission.documents.document import Document, Read
from pulumi_pod_security.admission.documents.reading import documents

__all__ = ["Document", "Read", "documents"]
