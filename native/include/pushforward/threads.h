// The threads of the process: one pool, started by the first call that needs it and shared by every
// JavaScript thread that has loaded the addon.
#pragma once

#include <atomic>
#include <cstddef>

namespace pushforward {

// How many threads one parallel_for uses, the caller included. Default: the cores this process may
// run on. The results of every kernel are the same bits whatever this number is.
int thread_count();

// At least 1 and at most kMaxThreads; values outside are brought inside.
constexpr int kMaxThreads = 256;
void set_thread_count(int count);

namespace detail {
using Task = void (*)(const void* context, std::size_t index, int slot);
void run_tasks(std::size_t count, int slots, Task task, const void* context);
}  // namespace detail

// Calls body(index, slot) once for each index in [0, count), on at most `slots` threads, and
// returns when all are done. `slot` is in [0, slots) and is never used by two threads at once, so
// it can choose a thread's scratch memory. Indices are handed out one by one in rising order; what
// a task computes may depend on its index and on nothing else, or the result would depend on the
// threads. Inside a loop that runs on several threads another one runs serially, with slot 0.
// `body` must not throw.
template <typename Body>
void parallel_for(std::size_t count, int slots, const Body& body) {
  detail::run_tasks(
      count, slots,
      [](const void* context, std::size_t index, int slot) {
        (*static_cast<const Body*>(context))(index, slot);
      },
      &body);
}

template <typename Body>
void parallel_for(std::size_t count, const Body& body) {
  parallel_for(count, thread_count(), body);
}

// For tasks of one parallel_for that must do something one after the other, in the order of their
// indices: each waits for its turn and passes it on. As indices are handed out in rising order, the
// one whose turn it is has a thread, and it waits for nobody.
class alignas(64) Turns {
 public:
  void start() { next_.store(0, std::memory_order_relaxed); }
  void wait_for(std::size_t index) const;
  void pass_to(std::size_t index) { next_.store(index, std::memory_order_release); }

 private:
  std::atomic<std::size_t> next_{0};
};

}  // namespace pushforward
