"""`python3 -m verify.auditor CERTIFICATE...`, also by the path of this file, without any installation."""

import sys
from pathlib import Path

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from verify.auditor import main

sys.exit(main(sys.argv[1:]))
