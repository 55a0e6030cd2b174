// The tasks of loadertest.RunHelper in C++.
#include "task_plugin.hpp"

#include <chrono>
#include <thread>

using namespace taskplugin;

static std::string ends(const std::string &how) {
  if (how == "failed") throw std::runtime_error("it failed");
  if (how == "retry") throw retry("try again");
  if (how == "bad") throw bad_arguments("not so");
  if (how == "cancelled") throw cancelled();
  if (how == "panic") throw failed("on purpose");
  if (how == "number") throw 42;
  return how;
}

static std::string end(const call &, args a) { return ends(a[0].string()); }

static void end_later(later c, args a) {
  const std::string how = a[0].string();
  if (how == "bad") throw bad_arguments("not so"); // while the call is here
  if (how == "drop") return;
  std::thread([c = std::move(c), how]() mutable { c.finish([&] { return ends(how); }); }).detach();
}

static object values(const call &, args) {
  return {{"null", nullptr}, {"bool", true}, {"int32", -1}, {"int64", int64_t(-1) << 40}, {"uint32", 1u << 31},
          {"uint64", uint64_t(1) << 63}, {"float", 0.5f}, {"double", 0.1}, {"string", "日本"},
          {"bytes", std::vector<uint8_t>{0, 255}}, {"list", std::vector<double>{1, 2}},
          {"map", std::map<std::string, std::vector<std::string>>{{"x", {"a", ""}}}}};
}

static std::string arguments(const call &, args a) {
  std::string text;
  try {
    text = std::to_string(a[0].size()) + " " + a[0][size_t(0)].string();
  } catch (const failure &f) {
    throw bad_arguments(std::string("argument 1: ") + f.what());
  }
  for (size_t i = 0; i < a[1].size(); i++) {
    if (a[1].field(i).number() != a[1][a[1].key(i)].number()) throw failed("a field is another by its name");
    text += " " + std::to_string(a[1].field(i).number()).substr(0, 3) + " " + std::string(a[1].key(i));
  }
  return text;
}

static value speak(const call &c, args a) {
  for (level l : {level::debug, level::info, level::warn, level::error}) c.log(l, a[0].text());
  c.progress(0.5, a[0].text());
  value copy(std::to_string(c.attempt()) + " " + std::string(c.task_id())), other = copy;
  copy = value();
  return other;
}

static void wait(const call &c, args) {
  c.log(level::info, "waiting");
  while (!c.cancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  throw cancelled();
}

TASK_PLUGIN("", "", sync<end>("end"), async<end_later>("end_later"), sync<values>("values"), sync<arguments>("arguments"),
            sync<speak>("speak"), sync<wait>("wait"))
