# SPDX-License-Identifier: Apache-2.0
"""A file system that is gone with its case."""
import subprocess


class Mount:
    def __init__(self, sc, path, *words):
        self.path = path
        subprocess.run(["mount", *words, path], check=True)
        sc.parts.append(self)

    def again(self, options):
        subprocess.run(["mount", "-o", "remount," + options, self.path], check=True)

    def stop(self):
        """Whoever still uses it may."""
        subprocess.run(["umount", "--lazy", self.path], check=True)
