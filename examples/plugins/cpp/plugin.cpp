// A plugin in C++ with the three example tasks. README.md beside it says how to build and call it.
#include "task_plugin.hpp"

#include <chrono>
#include <thread>

using taskplugin::args, taskplugin::call, taskplugin::later, taskplugin::value;

namespace {

int64_t times(int64_t a, int64_t b) {
  int64_t product;
  if (__builtin_mul_overflow(a, b, &product)) throw taskplugin::bad_arguments("the product does not fit an int64");
  return product;
}

int64_t multiply(const call &, args factors) {
  int64_t product = 1;
  for (size_t i = 0; i < factors.size(); i++) product = times(product, factors[i].int64());
  return product;
}

value wait(const call &c, args a) {
  c.log(taskplugin::level::debug, "waiting");
  for (auto left = std::chrono::milliseconds(a[1].int32()); left.count() > 0; left -= std::chrono::milliseconds(10)) {
    if (c.cancelled()) throw taskplugin::cancelled();
    std::this_thread::sleep_for(std::min(left, std::chrono::milliseconds(10)));
  }
  c.progress(1, "waited");
  return a[0];
}

// Async: it starts a thread that finishes the call. The arguments stay until then.
void delayed_echo(later c, args a) {
  std::thread([c = std::move(c), a]() mutable { c.finish([&] { return wait(c, a); }); }).detach();
}

taskplugin::object summarize(const call &, args a) {
  double sum = 0;
  for (size_t i = 0; i < a[0].size(); i++) sum += a[0][i].number();
  std::vector<std::string_view> keys;
  for (size_t i = 0; i < a[1].size(); i++) keys.push_back(a[1].key(i));
  return {{"count", static_cast<int64_t>(a[0].size())}, {"sum", sum}, {"keys", keys}};
}

} // namespace

TASK_PLUGIN("1.0.0", "Examples of what a task can do.",
            taskplugin::sync<multiply>("multiply", "(factors: int64...) -> int64", "Returns the product of all factors."),
            taskplugin::async<delayed_echo>("delayed_echo", "(value: any, milliseconds: int32) -> any",
                                            "Returns the value after that many milliseconds."),
            taskplugin::sync<summarize>(
                "summarize", "(numbers: list<double>, labels: map) -> {count: int64, sum: double, keys: list<string>}",
                "Counts and adds numbers, and lists a map's keys."))
