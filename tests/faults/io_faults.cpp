// Loaded into the real binary (LD_PRELOAD) by tests of a failing disk: lets the system's calls on the store fail as a
// file says, which holds what fails and the error, "write 28" or "read 5"; with nothing in it everything works.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

/// Not by calls that are ours below.
long read_whole(const char* path, char* into, unsigned long size) {
  const long file = ::syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  const long got = ::syscall(SYS_read, file, into, size - 1);
  ::syscall(SYS_close, file);
  into[got < 0 ? 0 : got] = '\0';
  return got;
}

bool is_store(int descriptor) {
  char link[64];
  char target[4096];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t size = ::readlink(link, target, sizeof target - 1);
  if (size < 0) return false;
  target[size] = '\0';
  return std::strstr(target, "/mint.db") != nullptr;
}

/// The error that `operation` on `descriptor` is to have; 0: none.
int fault(const char* operation, int descriptor) {
  static const char* const file = std::getenv("STORE_FAULTS");
  if (file == nullptr) return 0;
  char text[64];
  if (read_whole(file, text, sizeof text) <= 0) return 0;
  const unsigned long length = std::strlen(operation);
  if (std::strncmp(text, operation, length) != 0 || text[length] != ' ') return 0;
  return is_store(descriptor) ? std::atoi(text + length) : 0;
}

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

ssize_t pwrite64(int descriptor, const void* data, size_t size, off64_t at) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  if (const int code = fault("write", descriptor); code != 0) return errno = code, -1;
  return real(descriptor, data, size, at);
}

ssize_t pread64(int descriptor, void* data, size_t size, off64_t at) {
  static const auto real = next<ssize_t (*)(int, void*, size_t, off64_t)>("pread64");
  if (const int code = fault("read", descriptor); code != 0) return errno = code, -1;
  return real(descriptor, data, size, at);
}

int fdatasync(int descriptor) {
  static const auto real = next<int (*)(int)>("fdatasync");
  if (const int code = fault("sync", descriptor); code != 0) return errno = code, -1;
  return real(descriptor);
}

}  // extern "C"
