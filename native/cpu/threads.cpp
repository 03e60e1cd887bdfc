#include "pushforward/threads.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace pushforward {
namespace {

// One parallel_for in flight. It lives on its caller's stack; the caller takes it off the pool's
// list and waits for `helpers` to reach zero before it returns.
struct Job {
  std::size_t count;
  int slots;
  detail::Task task;
  const void* context;
  std::atomic<std::size_t> next{0};
  int slots_taken = 1;  // guarded by the pool's mutex; slot 0 is the caller's
  std::atomic<int> helpers{0};

  bool has_work() const { return next.load(std::memory_order_relaxed) < count; }
};

thread_local bool inside_task = false;

void work_through(Job& job, int slot) {
  inside_task = true;
  for (;;) {
    const std::size_t index = job.next.fetch_add(1, std::memory_order_relaxed);
    if (index >= job.count) break;
    job.task(job.context, index, slot);
  }
  inside_task = false;
}

// How often an idle thread looks for the next job before it sleeps: some ten microseconds, about
// what waking a sleeping thread costs.
constexpr int kSpins = 400;

inline void pause_briefly() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

class Pool {
 public:
  // Never destroyed: its threads are detached and wait here while the process exits.
  static Pool& instance() {
    static Pool* const pool = new Pool;
    return *pool;
  }

  void run(Job& job) {
    const int wanted = static_cast<int>(std::min<std::size_t>(job.slots - 1, job.count - 1));
    {
      std::lock_guard<std::mutex> lock(mutex_);
      start_threads(wanted);
      jobs_.push_back(&job);
      posted_.fetch_add(1, std::memory_order_release);
    }
    for (int i = 0; i < wanted; ++i) work_arrived_.notify_one();
    work_through(job, 0);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      jobs_.erase(std::find(jobs_.begin(), jobs_.end(), &job));
    }
    for (int spin = 0; spin < kSpins; ++spin) {
      if (job.helpers.load(std::memory_order_acquire) == 0) return;
      pause_briefly();
    }
    std::unique_lock<std::mutex> lock(mutex_);
    helper_left_.wait(lock, [&] { return job.helpers.load(std::memory_order_acquire) == 0; });
  }

 private:
  // With fewer threads than asked for (the system refused one) the others do the work.
  void start_threads(int wanted) {
    try {
      while (started_ < wanted) {
        std::thread([this] { serve(); }).detach();
        ++started_;
      }
    } catch (const std::system_error&) {
    }
  }

  Job* claim(int* slot) {
    for (Job* job : jobs_) {
      if (job->slots_taken < job->slots && job->has_work()) {
        *slot = job->slots_taken++;
        job->helpers.fetch_add(1, std::memory_order_relaxed);
        return job;
      }
    }
    return nullptr;
  }

  [[noreturn]] void serve() {
    for (;;) {
      const unsigned seen = posted_.load(std::memory_order_acquire);
      int slot = 0;
      Job* job = nullptr;
      {
        std::unique_lock<std::mutex> lock(mutex_);
        job = claim(&slot);
      }
      if (job != nullptr) {
        work_through(*job, slot);
        // The notification is under the lock: once `helpers` is zero the job may be gone.
        std::lock_guard<std::mutex> lock(mutex_);
        job->helpers.fetch_sub(1, std::memory_order_release);
        helper_left_.notify_all();
        continue;
      }
      bool posted = false;
      for (int spin = 0; spin < kSpins && !posted; ++spin) {
        posted = posted_.load(std::memory_order_acquire) != seen;
        pause_briefly();
      }
      if (posted) continue;
      std::unique_lock<std::mutex> lock(mutex_);
      work_arrived_.wait(lock, [&] { return posted_.load(std::memory_order_relaxed) != seen; });
    }
  }

  std::mutex mutex_;
  std::condition_variable work_arrived_;
  std::condition_variable helper_left_;
  std::vector<Job*> jobs_;
  std::atomic<unsigned> posted_{0};
  int started_ = 0;
};

std::atomic<int>& count_in_use() {
  static std::atomic<int> count{
      std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMaxThreads)};
  return count;
}

}  // namespace

int thread_count() { return count_in_use().load(std::memory_order_relaxed); }

void set_thread_count(int count) {
  count_in_use().store(std::clamp(count, 1, kMaxThreads), std::memory_order_relaxed);
}

void Turns::wait_for(std::size_t index) const {
  for (int spin = 0; next_.load(std::memory_order_acquire) != index; ++spin) {
    // Whoever has the turn may have lost its core to somebody else.
    if (spin < kSpins) {
      pause_briefly();
    } else {
      std::this_thread::yield();
    }
  }
}

namespace detail {

void run_tasks(std::size_t count, int slots, Task task, const void* context) {
  if (count == 0) return;
  if (count == 1 || slots <= 1 || inside_task) {
    for (std::size_t index = 0; index < count; ++index) task(context, index, 0);
    return;
  }
  Job job{count, slots, task, context};
  Pool::instance().run(job);
}

}  // namespace detail
}  // namespace pushforward
