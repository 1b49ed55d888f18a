"""What xltools costs, measured against other ways to do the same work; README.md says how to run
it. Returns are saved by the programs that the tests drive.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "tests"))
