"""Independent re-check of certificates: integers and fractions, nothing imported but the standard library.

The format is that of docs/certificate.md. Nothing else of this project is used: a fault there cannot confirm itself.
"""

from verify.auditor.main import Audit, audit, audit_file, audit_text, main
from verify.auditor.verdicts import BadInputError

__all__ = ["Audit", "BadInputError", "audit", "audit_file", "audit_text", "main"]
