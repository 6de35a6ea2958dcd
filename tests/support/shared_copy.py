"""A copy of the server and its plugins that other users can run: the build may be in a folder that only its owner may enter."""

import os
import shutil
import tempfile
from pathlib import Path
from unittest import mock

from gatehouse_server import executable


def run_from_shared_copy(test):
    """Until the test ends, executable() and test_plugin() name files of the copy."""
    built = Path(executable()).resolve()
    folder = Path(tempfile.mkdtemp(prefix="gatehouse-shared-"))
    test.addCleanup(shutil.rmtree, folder)
    shutil.copytree(built.parents[1] / "lib", folder / "lib")
    (folder / "bin").mkdir()
    shutil.copy2(built, folder / "bin" / "gatehouse")
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755)
    changed = mock.patch.dict(os.environ, {"GATEHOUSE_BIN": str(folder / "bin" / "gatehouse")})
    changed.start()
    test.addCleanup(changed.stop)
