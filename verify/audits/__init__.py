"""Audits of many files: each in turn or side by side in processes, always the same rows in the same order.

Like the auditor itself this imports the standard library only.
"""

from verify.audits.batch import audited, certificates
from verify.audits.row import Row

__all__ = ["Row", "audited", "certificates"]
