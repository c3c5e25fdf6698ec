/* A disk that fails, for one process: loaded before libc, it lets the writes and flushes of SQLite fail while the file
 * named by VIGIE_DISK_FAULT exists. Its first letter says how: f, a flush fails; s, a write stops half-way and the rest
 * finds no room. Only files whose name contains "sqlite" are touched. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static char fault(int fd) {
    const char *name = getenv("VIGIE_DISK_FAULT");
    if (!name) return 0;
    char link[64], path[4096], letter = 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0) return 0;
    path[n] = 0;
    if (!strstr(path, "sqlite")) return 0;
    int control = (int)syscall(SYS_openat, AT_FDCWD, name, O_RDONLY);
    if (control < 0) return 0;
    if (syscall(SYS_read, control, &letter, 1) != 1) letter = 0;
    syscall(SYS_close, control);
    return letter;
}

static int flush(int fd, const char *name) {
    if (fault(fd) == 'f') {
        errno = EIO;
        return -1;
    }
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    return real(fd);
}

int fsync(int fd) { return flush(fd, "fsync"); }
int fdatasync(int fd) { return flush(fd, "fdatasync"); }

static ssize_t put(int fd, const void *bytes, size_t count, off64_t at, const char *name) {
    static __thread int half;
    if (fault(fd) == 's') {
        if (half || count < 2) {
            half = 0;
            errno = ENOSPC;
            return -1;
        }
        half = 1;
        count /= 2;
    }
    ssize_t (*real)(int, const void *, size_t, off64_t) = (ssize_t(*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, name);
    return real(fd, bytes, count, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) { return put(fd, bytes, count, at, "pwrite64"); }
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) { return put(fd, bytes, count, at, "pwrite64"); }
