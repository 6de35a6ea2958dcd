"""Makes the n-th allocation of a running server fail, counted from now.

A small library is compiled for the test and preloaded into the server; it shares one number with the
test through a mapped file. While the number is positive every allocation counts it down, and the one
that takes it from one to nothing returns no memory.
"""

import mmap
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

SOURCE = r"""
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);
static volatile int* left;
__attribute__((constructor)) static void share(void) {
    const int file = open(getenv("FAILING_MEMORY"), O_RDWR | O_CLOEXEC);
    void* page = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (page != MAP_FAILED) left = page;
}
static int fails(void) {
    if (!left || __atomic_load_n(left, __ATOMIC_RELAXED) <= 0) return 0;
    if (__atomic_fetch_sub(left, 1, __ATOMIC_RELAXED) != 1) return 0;
    errno = ENOMEM;
    return 1;
}
void* malloc(size_t size) { return fails() ? 0 : __libc_malloc(size); }
void* calloc(size_t count, size_t size) { return fails() ? 0 : __libc_calloc(count, size); }
void* realloc(void* old, size_t size) { return fails() ? 0 : __libc_realloc(old, size); }
"""


class FailingMemory:
    """The number shared with the server, and the environment that preloads the library."""
    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="gatehouse-memory-")
        place = Path(self.folder.name)
        (place / "failing.c").write_text(SOURCE, encoding="ascii")
        subprocess.run(
            [self.compiler(), "-O1", "-shared", "-fPIC", "-o", place / "failing.so", place / "failing.c"],
            check=True, timeout=60)
        (place / "left").write_bytes(bytes(4096))
        with open(place / "left", "r+b") as file:
            self.shared = mmap.mmap(file.fileno(), 4096)
        self.environment = {"LD_PRELOAD": str(place / "failing.so"), "FAILING_MEMORY": str(place / "left")}

    @staticmethod
    def compiler():
        return shutil.which("cc") or shutil.which("gcc")

    def close(self):
        self.shared.close()
        self.folder.cleanup()

    def fail_the(self, number):
        """The number-th allocation from now fails; 0 means none."""
        self.shared[0:4] = struct.pack("i", number)

    def still_waiting(self):
        """True while the allocation that is to fail has not come."""
        return struct.unpack("i", self.shared[0:4])[0] > 0
