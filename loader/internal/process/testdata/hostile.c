/* A plugin that takes more than its share. */
#define _GNU_SOURCE
#include "task_plugin.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define TASK(name) static int32_t name(const task_call *call, const task_value *args, uint64_t nargs, task_value *output)

static int64_t number(const task_value *args, uint64_t nargs) {
  return nargs > 0 && args[0].kind == TASK_INT64 ? args[0].as.i : 0;
}

static int32_t answer(task_value *output, int64_t n) {
  output->kind = TASK_INT64;
  output->as.i = n;
  return TASK_OK;
}

static void *stay(void *nothing) {
  pause();
  return nothing;
}

/* threads(n): starts that many threads, and returns how many there are */
TASK(threads) {
  (void)call;
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 16384);
  int64_t n = number(args, nargs), i = 0;
  pthread_t thread;
  while (i < n && pthread_create(&thread, &small, stay, 0) == 0)
    i++;
  return answer(output, i);
}

/* tables(gigabytes): touches that much address space, which takes memory for
   page tables alone; returns how much it got */
TASK(tables) {
  (void)call;
  int64_t n = number(args, nargs), i = 0;
  for (; i < n; i++) {
    volatile char *space = mmap(0, 1UL << 30, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (space == MAP_FAILED)
      break;
    madvise((void *)space, 1UL << 30, MADV_NOHUGEPAGE);
    for (size_t at = 0; at < 1UL << 30; at += 2UL << 20)
      (void)space[at];
  }
  sleep(1);
  return answer(output, i);
}

/* litter(megabytes): writes files that have no name any more */
TASK(litter) {
  (void)call;
  static char megabyte[1 << 20];
  int64_t n = number(args, nargs), i = 0;
  for (; i < n; i++) {
    int fd = open("litter", O_CREAT | O_EXCL | O_RDWR, 0600);
    if (fd < 0 || write(fd, megabyte, sizeof megabyte) != sizeof megabyte)
      return answer(output, i);
    unlink("litter");
    if (i % 2) { /* half of them stay mapped rather than open */
      mmap(0, sizeof megabyte, PROT_READ, MAP_SHARED, fd, 0);
      close(fd);
    }
  }
  sleep(60);
  return answer(output, i);
}

/* map(files): keeps files of 20 MB that have no name any more by a page of each */
TASK(map) {
  (void)call;
  static char megabyte[1 << 20];
  int64_t n = number(args, nargs), i = 0;
  for (; i < n; i++) {
    int fd = open("map", O_CREAT | O_EXCL | O_RDWR, 0600);
    for (int k = 0; k < 20; k++)
      if (write(fd, megabyte, sizeof megabyte) != sizeof megabyte)
        return answer(output, i);
    unlink("map");
    mmap(0, 4096, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
  }
  sleep(60);
  return answer(output, i);
}

/* send_files(megabytes): keeps files that have no name any more in a socket */
TASK(send_files) {
  (void)call;
  static char megabyte[1 << 20];
  int64_t n = number(args, nargs), i = 0;
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
    return answer(output, -errno);
  for (; i < n; i++) {
    int fd = open("sent", O_CREAT | O_EXCL | O_RDWR, 0600);
    if (fd < 0 || write(fd, megabyte, sizeof megabyte) != sizeof megabyte)
      return answer(output, i);
    unlink("sent");
    union {
      struct cmsghdr header;
      char room[CMSG_SPACE(sizeof(int))];
    } control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
    memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    struct iovec byte = {.iov_base = megabyte, .iov_len = 1};
    struct msghdr message = {.msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    if (sendmsg(pair[0], &message, 0) != 1)
      return answer(output, -errno);
    close(fd);
  }
  sleep(60);
  return answer(output, i);
}

/* bury(): writes where no path is short enough for */
TASK(bury) {
  (void)call, (void)args, (void)nargs;
  char name[251];
  memset(name, 'd', 250);
  name[250] = 0;
  for (int i = 0; i < 20; i++)
    if (mkdir(name, 0700) || chdir(name))
      return answer(output, i);
  close(open("file", O_CREAT | O_RDWR, 0600));
  sleep(60);
  return answer(output, 0);
}

/* shut(): writes where only it may look, and not even list */
TASK(shut) {
  (void)call, (void)args, (void)nargs;
  mkdir("shut", 0300);
  close(open("shut/file", O_CREAT | O_RDWR, 0600));
  sleep(60);
  return answer(output, 0);
}

static const task_entry tasks[] = {
    {.name = "threads", .run = threads},
    {.name = "tables", .run = tables},
    {.name = "litter", .run = litter},
    {.name = "map", .run = map},
    {.name = "send_files", .run = send_files},
    {.name = "bury", .run = bury},
    {.name = "shut", .run = shut},
};
static const task_plugin plugin = {
    .magic = TASK_PLUGIN_MAGIC, .abi = TASK_PLUGIN_ABI, .size = sizeof plugin,
    .entry_size = sizeof *tasks, .tasks = tasks, .ntasks = sizeof tasks / sizeof *tasks,
};
const task_plugin *init_plugin(const task_host *host) {
  (void)host;
  return &plugin;
}
