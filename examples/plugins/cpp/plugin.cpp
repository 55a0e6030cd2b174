// A plugin in C++ with the three example tasks. README.md beside it says how to build and call it.
#include "task_plugin.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

const task_host *host;

// What a task throws to end with another status than TASK_OK.
struct failure {
  int32_t status;
  std::string message;
};

failure bad_arguments(std::string message) { return {TASK_BAD_ARGUMENTS, std::move(message)}; }

// Values own what they point to, until release. (Memory of the thread would not do: the host may run
// another task on it before it has read the output of this one.)
task_value make(uint32_t kind, uint64_t n = 0) {
  task_value v{};
  v.kind = kind;
  v.n = n;
  return v;
}

task_value make_integer(int64_t i) {
  task_value v = make(TASK_INT64);
  v.as.i = i;
  return v;
}

task_value make_double(double f) {
  task_value v = make(TASK_DOUBLE);
  v.as.f = f;
  return v;
}

task_value make_string(std::string_view text) {
  char *copy = new char[text.size()];
  std::copy(text.begin(), text.end(), copy);
  task_value v = make(TASK_STRING, text.size());
  v.as.s = copy;
  return v;
}

task_value make_items(uint32_t kind, uint64_t n, const std::vector<task_value> &items) {
  task_value *copy = new task_value[items.size()];
  std::copy(items.begin(), items.end(), copy);
  task_value v = make(kind, n);
  v.as.items = copy;
  return v;
}

void release(task_value *v) {
  if (v->kind == TASK_STRING) delete[] v->as.s;
  if (v->kind != TASK_LIST && v->kind != TASK_MAP) return;
  const uint64_t n = v->kind == TASK_MAP ? 2 * v->n : v->n;
  for (uint64_t i = 0; i < n; i++) release(const_cast<task_value *>(&v->as.items[i]));
  delete[] v->as.items;
}

int64_t times(int64_t a, int64_t b) {
  int64_t product;
  if (__builtin_mul_overflow(a, b, &product)) throw bad_arguments("the product does not fit an int64");
  return product;
}

// Runs a task's body. No exception may leave the plugin: it would end its process.
template <typename Body>
int32_t run(task_value *output, Body body) noexcept {
  try {
    return body();
  } catch (const failure &f) {
    *output = make_string(f.message);
    return f.status;
  } catch (const std::exception &e) {
    *output = make_string(e.what());
    return TASK_FAILED;
  }
}

// The host holds the arguments against the signature in the table: here they are int64s.
int32_t multiply(const task_call *, const task_value *args, uint64_t nargs, task_value *output) {
  return run(output, [&] {
    int64_t product = 1;
    for (uint64_t i = 0; i < nargs; i++) product = times(product, args[i].as.i);
    *output = make_integer(product);
    return TASK_OK;
  });
}

// Async: it starts a thread that finishes the call.
int32_t delayed_echo(const task_call *call, const task_value *args, uint64_t, task_value *output) {
  return run(output, [&] {
    const auto delay = std::chrono::milliseconds(args[1].as.i);
    std::thread([call, args, delay] {
      host->log(call->id, -4, "waiting", 7);
      for (auto left = delay; left.count() > 0; left -= std::chrono::milliseconds(10)) {
        if (*call->cancelled) return host->finish(call->id, TASK_CANCELLED, nullptr);
        std::this_thread::sleep_for(std::min(left, std::chrono::milliseconds(10)));
      }
      host->progress(call->id, 1, "waited", 6);
      // The argument is ours until finish returns, and finish copies it.
      host->finish(call->id, TASK_OK, &args[0]);
    }).detach();
    return TASK_PENDING;
  });
}

int32_t summarize(const task_call *, const task_value *args, uint64_t, task_value *output) {
  return run(output, [&] {
    double sum = 0;
    for (uint64_t i = 0; i < args[0].n; i++) sum += args[0].as.items[i].as.f;

    std::vector<task_value> keys;
    for (uint64_t i = 0; i < args[1].n; i++) {
      const task_value &key = args[1].as.items[2 * i];
      keys.push_back(make_string({key.as.s, key.n}));
    }
    *output = make_items(TASK_MAP, 3, {
        make_string("count"), make_integer(static_cast<int64_t>(args[0].n)),
        make_string("sum"), make_double(sum),
        make_string("keys"), make_items(TASK_LIST, keys.size(), keys),
    });
    return TASK_OK;
  });
}

const task_entry tasks[] = {
    {"multiply", 0, 0, multiply, "(factors: int64...) -> int64", "Returns the product of all factors."},
    {"delayed_echo", TASK_ASYNC, 0, delayed_echo, "(value: any, milliseconds: int32) -> any",
     "Returns the value after that many milliseconds."},
    {"summarize", 0, 0, summarize,
     "(numbers: list<double>, labels: map) -> {count: int64, sum: double, keys: list<string>}",
     "Counts and adds numbers, and lists a map's keys."},
};

const task_plugin plugin = {
    TASK_PLUGIN_MAGIC, TASK_PLUGIN_ABI, sizeof(task_plugin), tasks, sizeof tasks / sizeof *tasks, sizeof *tasks,
    release, nullptr, "1.0.0", "Examples of what a task can do.",
};

} // namespace

// The header declares it extern "C", which makes its name what the host looks for.
const task_plugin *init_plugin(const task_host *task_host) {
  host = task_host;
  return &plugin;
}
