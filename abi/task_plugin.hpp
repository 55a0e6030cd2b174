/* task_plugin.hpp - plugins for Task Scheduler in C++17, in one header over task_plugin.h.
 *
 *   #include "task_plugin.hpp"
 *
 *   static std::string greet(const taskplugin::call &, taskplugin::args args) {
 *     return "hello " + args[0].string();
 *   }
 *
 *   TASK_PLUGIN("1.0.0", "Greets.",
 *               taskplugin::sync<greet>("greet", "(name: string) -> string", "Says hello."))
 *
 * A task takes a call and arguments and returns anything that becomes a value: a bool, a number, a string,
 * bytes, a vector or map of these, a value. An async one takes a later, which it finishes when it likes, on
 * whatever thread. What is thrown fails the call and goes no further: a failure with its status, another
 * exception with what it says. With a signature, whose grammar is in task_plugin.h, the server refuses other
 * arguments before the task is called, and makes numbers of the kinds in it.
 */
#ifndef TASK_PLUGIN_HPP
#define TASK_PLUGIN_HPP

#include "task_plugin.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace taskplugin {

/* What a task throws to end otherwise than well. */
class failure : public std::runtime_error {
public:
  failure(int32_t status, const std::string &message) : std::runtime_error(message), status_(status) {}
  int32_t status() const { return status_; }

private:
  int32_t status_;
};

inline failure failed(const std::string &message) { return {TASK_FAILED, message}; }  /* INTERNAL */
inline failure retry(const std::string &message) { return {TASK_RETRY, message}; }    /* UNAVAILABLE: it may succeed later */
inline failure cancelled() { return {TASK_CANCELLED, ""}; }                           /* since call::cancelled says so */
inline failure bad_arguments(const std::string &message) { return {TASK_BAD_ARGUMENTS, message}; } /* INVALID_ARGUMENT */

/* A result. It owns what it points to. */
class value {
public:
  value() = default;
  value(std::nullptr_t) {}
  value(bool b) { raw_.kind = TASK_BOOL, raw_.as.i = b; }
  template <typename T, std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>, int> = 0> value(T i) {
    if constexpr (std::is_signed_v<T>) {
      raw_.kind = sizeof(T) <= 4 ? TASK_INT32 : TASK_INT64, raw_.as.i = i;
    } else {
      raw_.kind = sizeof(T) <= 4 ? TASK_UINT32 : TASK_UINT64, raw_.as.u = i;
    }
  }
  value(float f) { raw_.kind = TASK_FLOAT, raw_.as.f = f; }
  value(double f) { raw_.kind = TASK_DOUBLE, raw_.as.f = f; }
  value(std::string_view text) { own(TASK_STRING, text.data(), text.size()); }
  value(const std::string &text) : value(std::string_view(text)) {}
  value(const char *text) : value(std::string_view(text)) {}
  value(const std::vector<uint8_t> &bytes) { own(TASK_BYTES, bytes.data(), bytes.size()); }
  template <typename T> value(const std::vector<T> &items) {
    task_value *to = make(TASK_LIST, items.size(), 1);
    for (const T &item : items) *to++ = value(item).take();
  }
  template <typename T, typename... Rest> value(const std::map<std::string, T, Rest...> &fields) {
    task_value *to = make(TASK_MAP, fields.size(), 2);
    for (const auto &[key, field] : fields) *to++ = value(key).take(), *to++ = value(field).take();
  }
  /* Of an argument, or a part of one: a copy. */
  explicit value(const task_value &v) {
    switch (v.kind) {
    case TASK_STRING: own(v.kind, v.as.s, v.n); break;
    case TASK_BYTES: own(v.kind, v.as.b, v.n); break;
    case TASK_LIST:
    case TASK_MAP: {
      const uint64_t each = v.kind == TASK_MAP ? 2 : 1;
      task_value *to = make(v.kind, v.n, each);
      for (uint64_t i = 0; i < each * v.n; i++) to[i] = value(v.as.items[i]).take();
      break;
    }
    default: raw_ = v;
    }
  }
  value(const value &other) : value(other.raw_) {}
  value(value &&other) noexcept : raw_(other.take()) {}
  value &operator=(value other) noexcept {
    std::swap(raw_, other.raw_);
    return *this;
  }
  ~value() { release(&raw_); }

  const task_value &raw() const { return raw_; }
  /* What it points to is the caller's now, to be freed by release. */
  task_value take() noexcept { return std::exchange(raw_, task_value{}); }

  static void release(task_value *v) {
    if (v->kind == TASK_STRING || v->kind == TASK_BYTES) delete[] v->as.s;
    if (v->kind == TASK_LIST || v->kind == TASK_MAP) {
      task_value *items = const_cast<task_value *>(v->as.items);
      for (uint64_t i = 0; i < (v->kind == TASK_MAP ? 2 : 1) * v->n; i++) release(&items[i]);
      delete[] items;
    }
    *v = task_value{};
  }

private:
  template <typename T> void own(uint32_t kind, const T *bytes, uint64_t n) {
    char *copy = new char[n + 1];
    std::copy_n(reinterpret_cast<const char *>(bytes), n, copy);
    raw_.kind = kind, raw_.n = n, raw_.as.s = copy;
  }
  task_value *make(uint32_t kind, uint64_t n, uint64_t each) {
    task_value *items = new task_value[each * n]{};
    raw_.kind = kind, raw_.n = n, raw_.as.items = items;
    return items;
  }

  task_value raw_{};
};

/* A map of any values: object{{"count", 3}, {"name", "x"}}. */
using object = std::map<std::string, value>;

/* An argument, or a part of one, as long as the call lasts. Taken as what it is not, it throws bad_arguments. */
class view {
public:
  explicit view(const task_value &v) : raw_(&v) {}
  const task_value &raw() const { return *raw_; }
  uint32_t kind() const { return raw_->kind; }
  bool is_null() const { return kind() == TASK_NULL; }
  bool boolean() const { return want(TASK_BOOL, "a bool").as.i != 0; }
  int32_t int32() const { return static_cast<int32_t>(want(TASK_INT32, "an int32").as.i); }
  int64_t int64() const { return want(TASK_INT64, "an int64").as.i; }
  uint32_t uint32() const { return static_cast<uint32_t>(want(TASK_UINT32, "a uint32").as.u); }
  uint64_t uint64() const { return want(TASK_UINT64, "a uint64").as.u; }
  float real() const { return static_cast<float>(want(TASK_FLOAT, "a float").as.f); }
  double number() const { return want(TASK_DOUBLE, "a double").as.f; }
  std::string_view text() const { return {want(TASK_STRING, "a string").as.s, static_cast<size_t>(raw_->n)}; }
  std::string string() const { return std::string(text()); }
  std::vector<uint8_t> bytes() const {
    const task_value &v = want(TASK_BYTES, "bytes");
    return {v.as.b, v.as.b + v.n};
  }
  /* How many items a list, or fields a map has. */
  size_t size() const { return static_cast<size_t>(kind() == TASK_MAP ? raw_->n : want(TASK_LIST, "a list").n); }
  view operator[](size_t i) const { return view(want(TASK_LIST, "a list").as.items[in(i)]); }
  std::string_view key(size_t i) const { return view(want(TASK_MAP, "a map").as.items[2 * in(i)]).text(); }
  view field(size_t i) const { return view(want(TASK_MAP, "a map").as.items[2 * in(i) + 1]); }
  /* The field of that name, or null. */
  view operator[](std::string_view name) const {
    static const task_value null{};
    for (size_t i = 0; i < size(); i++)
      if (key(i) == name) return field(i);
    return view(null);
  }
  operator value() const { return value(*raw_); }

private:
  const task_value &want(uint32_t kind, const char *name) const {
    if (raw_->kind != kind) throw bad_arguments(std::string("want ") + name + ", got a value of kind " + std::to_string(raw_->kind));
    return *raw_;
  }
  size_t in(size_t i) const {
    if (i >= raw_->n) throw bad_arguments("there is no item " + std::to_string(i));
    return i;
  }
  const task_value *raw_;
};

/* The arguments of a call, as long as it lasts. */
class args {
public:
  args(const task_value *first, uint64_t n) : first_(first), n_(static_cast<size_t>(n)) {}
  size_t size() const { return n_; }
  view operator[](size_t i) const {
    if (i >= n_) throw bad_arguments("argument " + std::to_string(i + 1) + " is missing");
    return view(first_[i]);
  }

private:
  const task_value *first_;
  size_t n_;
};

/* The server's functions, from init_plugin on. */
inline const task_host *&host() {
  static const task_host *the_host;
  return the_host;
}

enum class level { debug = -4, info = 0, warn = 4, error = 8 };

/* A running call. It may be used by many threads. */
class call {
public:
  explicit call(const task_call *raw) : raw_(raw) {}
  uint64_t id() const { return raw_->id; }
  uint32_t attempt() const { return raw_->attempt; }
  int64_t deadline_unix_ns() const { return raw_->deadline_unix_ns; }
  std::string_view task_id() const { return {raw_->task_id, static_cast<size_t>(raw_->task_id_len)}; }
  bool cancelled() const { return *raw_->cancelled != 0; }
  void log(level l, std::string_view text) const {
    if (host()) host()->log(id(), static_cast<int32_t>(l), text.data(), text.size());
  }
  void progress(double fraction, std::string_view note = "") const {
    if (host()) host()->progress(id(), fraction, note.data(), note.size());
  }

private:
  const task_call *raw_;
};

/* Runs what gives a result, and says how it ended. Nothing is thrown. */
template <typename Body> int32_t outcome(task_value *output, Body body) noexcept {
  try {
    try {
      *output = value(body()).take();
      return TASK_OK;
    } catch (const failure &f) {
      *output = value(std::string_view(f.what())).take();
      return f.status();
    } catch (const std::exception &e) {
      *output = value(std::string_view(e.what())).take();
      return TASK_FAILED;
    }
  } catch (...) { /* something else was thrown, or there is no memory for the message */
    return TASK_FAILED;
  }
}

/* The async call whose function runs on this thread and has not returned yet. */
inline uint64_t &starting() {
  static thread_local uint64_t id;
  return id;
}

/* An async call, which goes on until it is finished. Destroyed without, it has failed. */
class later : public call {
public:
  explicit later(const task_call *raw) : call(raw) {}
  later(later &&other) noexcept : call(other), open_(std::exchange(other.open_, false)) {}
  later &operator=(later &&) = delete;
  ~later() {
    const bool thrown = std::uncaught_exceptions() > 0 && starting() == id(); /* async tells what */
    if (open_ && !thrown) finish([]() -> value { throw failed("the task gave up without an answer"); });
  }
  /* With a value, or with what a function returns or throws. The arguments are gone afterwards. */
  template <typename Result> void finish(Result &&result) {
    if (!std::exchange(open_, false)) return;
    task_value output{};
    const int32_t status = outcome(&output, [&]() -> value {
      if constexpr (std::is_invocable_v<Result>) return value(result());
      else return value(std::forward<Result>(result));
    });
    host()->finish(id(), status, &output);
    value::release(&output);
  }

private:
  bool open_ = true;
};

/* A task that answers by returning. */
template <auto Function> task_entry sync(const char *name, const char *signature = nullptr, const char *doc = nullptr) {
  const task_function run = [](const task_call *c, const task_value *a, uint64_t n, task_value *output) {
    return outcome(output, [&]() -> value {
      using result = decltype(Function(call(c), args(a, n)));
      if constexpr (std::is_void_v<result>) return Function(call(c), args(a, n)), value();
      else return value(Function(call(c), args(a, n)));
    });
  };
  return {name, 0, 0, run, signature, doc};
}

/* A task that answers by later::finish. */
template <auto Function> task_entry async(const char *name, const char *signature = nullptr, const char *doc = nullptr) {
  const task_function run = [](const task_call *c, const task_value *a, uint64_t n, task_value *output) -> int32_t {
    starting() = c->id;
    const int32_t status = outcome(output, [&]() -> value { return Function(later(c), args(a, n)), value(); });
    starting() = 0;
    return status == TASK_OK ? static_cast<int32_t>(TASK_PENDING) : status;
  };
  return {name, TASK_ASYNC, 0, run, signature, doc};
}

} // namespace taskplugin

/* Defines init_plugin: the plugin's version, what it is for, and its tasks. */
#define TASK_PLUGIN(version, about, ...)                                                                             \
  TASK_PLUGIN_EXPORT const task_plugin *init_plugin(const task_host *host) {                                   \
    static const task_entry tasks[] = {__VA_ARGS__};                                                                 \
    static const task_plugin table = {                                                                         \
        TASK_PLUGIN_MAGIC, TASK_PLUGIN_ABI, sizeof(task_plugin), tasks, sizeof tasks / sizeof *tasks,          \
        sizeof *tasks, ::taskplugin::value::release, nullptr, version, about,                                       \
    };                                                                                                               \
    ::taskplugin::host() = host;                                                                                    \
    return &table;                                                                                                   \
  }

#endif
