/* A wall clock that jumps: CLOCK_REALTIME plus the seconds that the file CLOCK_OFFSET names.

   Preloaded (cc -shared -fPIC). The monotonic clock goes on as it does where an operator or a
   time server sets the clock; libfaketime cannot leave it alone under Python (sleep fails). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long offset(void) {
  char text[32] = {0};
  const char *path = getenv("CLOCK_OFFSET");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) {
    return 0;
  }
  ssize_t size = read(file, text, sizeof text - 1);
  close(file);
  return size > 0 ? atol(text) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int failed = syscall(SYS_clock_gettime, clock, now);
  if (!failed && clock == CLOCK_REALTIME) {
    now->tv_sec += offset();
  }
  return failed;
}
