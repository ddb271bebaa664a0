/*
 * A wire between a member's network namespace and the bridge that delays what passes: two network interfaces, and
 * frames carried from one to the other. What goes to or comes from the harness is not delayed. How long stands in a
 * page that the harness writes meanwhile. The interfaces go when the process ends. The harness compiles this on the
 * machine of the run.
 *
 * wire NAMESPACE INNER OUTER PAGE HARNESS: file of the namespace, names of the interface within it and of that
 * outside, file of the page, the harness's IPv4 address
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PAGE_BYTES 4096
#define FRAME_BYTES_MAX 2048
/* What a link holds before it drops: a megabyte or so. */
#define FRAMES_MAX 1024
#define NANOS_PER_SECOND 1000000000LL

/* In the order of the harness's ControlPage.Field. */
struct page {
  volatile int64_t delay_micros;
  volatile int64_t jitter_micros;
  volatile int64_t frames_delayed;
};

struct frame {
  int64_t due;
  ssize_t length;
  unsigned char bytes[FRAME_BYTES_MAX];
};

/* One direction: what is under way stays in order. */
struct direction {
  int from;
  int to;
  int first;
  int held;
  int64_t last_due;
  struct frame frames[FRAMES_MAX];
};

static struct page *page;
static uint32_t harness;
static struct direction directions[2];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int64_t now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * NANOS_PER_SECOND + at.tv_nsec;
}

static int interface(const char *name) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  int descriptor = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0 || ioctl(descriptor, TUNSETIFF, &request) < 0) {
    fail(name);
  }
  return descriptor;
}

/* Whether it is IPv4 between members. */
static int is_between_members(const unsigned char *bytes, ssize_t length) {
  uint32_t source;
  uint32_t destination;
  if (length < 34 || bytes[12] != 0x08 || bytes[13] != 0x00) {
    return 0;
  }
  memcpy(&source, bytes + 26, sizeof source);
  memcpy(&destination, bytes + 30, sizeof destination);
  return source != harness && destination != harness;
}

static void take(struct direction *way) {
  unsigned char spilled[FRAME_BYTES_MAX];
  for (;;) {
    struct frame *free_one = &way->frames[(way->first + way->held) % FRAMES_MAX];
    unsigned char *into = way->held == FRAMES_MAX ? spilled : free_one->bytes;
    ssize_t length = read(way->from, into, FRAME_BYTES_MAX);
    if (length <= 0) {
      return;
    }
    int64_t delay = page->delay_micros;
    int64_t jitter = page->jitter_micros;
    if ((delay == 0 && way->held == 0) || !is_between_members(into, length)) {
      if (write(way->to, into, length) < 0) {
        /* An interface that is down loses what comes, as any other. */
      }
    } else if (into != spilled) {
      int64_t due = now() + (delay + (jitter > 0 ? random() % jitter : 0)) * 1000;
      way->last_due = due > way->last_due ? due : way->last_due;
      free_one->due = way->last_due;
      free_one->length = length;
      way->held++;
      page->frames_delayed++;
    }
  }
}

/* Sends what is due; returns when the next one is, or INT64_MAX. */
static int64_t send_due(struct direction *way) {
  while (way->held > 0) {
    struct frame *oldest = &way->frames[way->first];
    if (oldest->due > now()) {
      return oldest->due;
    }
    if (write(way->to, oldest->bytes, oldest->length) < 0) {
      /* As above. */
    }
    way->first = (way->first + 1) % FRAMES_MAX;
    way->held--;
  }
  return INT64_MAX;
}

int main(int count, char **words) {
  if (count != 6) {
    fprintf(stderr, "wire NAMESPACE INNER OUTER PAGE HARNESS\n");
    return 2;
  }
  int file = open(words[4], O_RDWR | O_CLOEXEC);
  page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (page == MAP_FAILED) {
    fail(words[4]);
  }
  harness = inet_addr(words[5]);
  int outer = interface(words[3]);
  int namespace = open(words[1], O_RDONLY | O_CLOEXEC);
  if (namespace < 0 || setns(namespace, CLONE_NEWNET) < 0) {
    fail(words[1]);
  }
  int inner = interface(words[2]);
  directions[0].from = directions[1].to = inner;
  directions[0].to = directions[1].from = outer;
  struct pollfd both[] = {{inner, POLLIN, 0}, {outer, POLLIN, 0}};
  for (;;) {
    int64_t first = send_due(&directions[0]);
    int64_t second = send_due(&directions[1]);
    int64_t due = first < second ? first : second;
    int64_t left = due == INT64_MAX ? NANOS_PER_SECOND : due - now();
    left = left < 0 ? 0 : left;
    struct timespec wait = {left / NANOS_PER_SECOND, left % NANOS_PER_SECOND};
    ppoll(both, 2, &wait, NULL);
    take(&directions[0]);
    take(&directions[1]);
  }
}
