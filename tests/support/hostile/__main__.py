"""``python -m support.hostile OUT``: write every case below OUT, and OUT.json."""

import sys
from pathlib import Path

from support.hostile import write_all

print(f"{len(write_all(Path(sys.argv[1])))} cases")
