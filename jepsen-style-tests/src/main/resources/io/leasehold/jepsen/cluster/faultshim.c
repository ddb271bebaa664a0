/*
 * Preloaded into a member: moves its wall clock, and delays or refuses what it syncs. What is to be done stands in a
 * page that the harness writes while the member runs, and what was done is counted there. Without a page nothing is
 * done. The harness compiles this on the machine of the run.
 *
 * JEPSEN_PAGE  file of the page
 * JEPSEN_DATA  directory below which syncs are delayed or refused, without links in it
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define PAGE_BYTES 4096

/* In the order of the harness's ControlPage.Field. */
struct page {
  volatile int64_t wall_offset_seconds;
  volatile int64_t sync_delay_micros;
  volatile int64_t sync_error;
  int64_t wall_reads_moved;
  int64_t syncs_delayed;
  int64_t syncs_refused;
};

static struct page no_page;
static struct page *page = &no_page;
static const char *data = "";
static size_t data_length;

__attribute__((constructor)) static void find_page(void) {
  const char *file = getenv("JEPSEN_PAGE");
  const char *directory = getenv("JEPSEN_DATA");
  if (directory != NULL) {
    data = directory;
    data_length = strlen(directory);
  }
  if (file == NULL) {
    return;
  }
  int descriptor = open(file, O_RDWR | O_CLOEXEC);
  void *at = descriptor < 0 ? MAP_FAILED
                            : mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (at == MAP_FAILED) {
    /* A run whose faults do nothing would look well. */
    perror(file);
    _exit(1);
  }
  close(descriptor);
  page = at;
}

static void count(int64_t *counter) { __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED); }

static void *next(const char *name, const char *version) {
  void *found = version == NULL ? NULL : dlvsym(RTLD_NEXT, name, version);
  if (found == NULL) {
    found = dlsym(RTLD_NEXT, name);
  }
  if (found == NULL) {
    abort();
  }
  return found;
}

/* Others' constructors may come before ours: each function is looked up when it is first needed. */
#define REAL(name, version)                                  \
  static __typeof__(&name) real;                             \
  if (real == NULL) {                                        \
    real = (__typeof__(&name))next(#name, version);          \
  }

/* ---- wall clock -------------------------------------------------------------------------------------------------
 * The monotonic clock is left alone: the kernel measures waits by it. */

static int64_t wall_offset(void) {
  int64_t offset = page->wall_offset_seconds;
  if (offset != 0) {
    count(&page->wall_reads_moved);
  }
  return offset;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  REAL(clock_gettime, NULL)
  int result = real(clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    now->tv_sec += wall_offset();
  }
  return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  REAL(gettimeofday, NULL)
  int result = real(now, zone);
  if (result == 0) {
    now->tv_sec += wall_offset();
  }
  return result;
}

time_t time(time_t *at) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (at != NULL) {
    *at = now.tv_sec;
  }
  return now.tv_sec;
}

/* No machine has been up for thirty years: a deadline beyond that was read off a wall clock, and the kernel knows
 * nothing of where we moved it. */
#define WALL_SECONDS_MIN 1000000000L

static const struct timespec *as_the_kernel_counts(const struct timespec *deadline, struct timespec *moved) {
  if (page->wall_offset_seconds == 0 || deadline == NULL || deadline->tv_sec < WALL_SECONDS_MIN) {
    return deadline;
  }
  *moved = *deadline;
  moved->tv_sec -= page->wall_offset_seconds;
  return moved;
}

#ifdef __x86_64__
#define CONDITION_VERSION "GLIBC_2.3.2"
#else
#define CONDITION_VERSION NULL
#endif

int pthread_cond_timedwait(
    pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex, const struct timespec *restrict deadline) {
  REAL(pthread_cond_timedwait, CONDITION_VERSION)
  struct timespec moved;
  return real(condition, mutex, as_the_kernel_counts(deadline, &moved));
}

/* ---- disk ----------------------------------------------------------------------------------------------------- */

static int is_data(int descriptor) {
  char link[64];
  char target[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, target, sizeof target - 1);
  if (length < (ssize_t)data_length || data_length == 0) {
    return 0;
  }
  target[length] = '\0';
  return strncmp(target, data, data_length) == 0 && (target[data_length] == '/' || target[data_length] == '\0');
}

/* Returns the error with which the sync fails, or 0 after the delay that it is to have. */
static int hinder(int descriptor) {
  int64_t delay_micros = page->sync_delay_micros;
  int error = (int)page->sync_error;
  if ((delay_micros == 0 && error == 0) || !is_data(descriptor)) {
    return 0;
  }
  if (delay_micros > 0) {
    struct timespec delay = {delay_micros / 1000000, delay_micros % 1000000 * 1000};
    count(&page->syncs_delayed);
    nanosleep(&delay, NULL);
  }
  if (error != 0) {
    count(&page->syncs_refused);
  }
  return error;
}

int fsync(int descriptor) {
  REAL(fsync, NULL)
  int error = hinder(descriptor);
  if (error != 0) {
    errno = error;
    return -1;
  }
  return real(descriptor);
}

int fdatasync(int descriptor) {
  REAL(fdatasync, NULL)
  int error = hinder(descriptor);
  if (error != 0) {
    errno = error;
    return -1;
  }
  return real(descriptor);
}
