// The thread pool under load from several callers at once, as worker threads of Node put it under.
// Built with the thread sanitizer (scripts/native-sanitizers.mjs): the checks below state what the
// pool promises, and the sanitizer sees any access that only luck kept apart.
#include <atomic>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "pushforward/flow_plan.h"
#include "pushforward/threads.h"

namespace {

using pushforward::FlowPlan;
using pushforward::FlowSpec;
using pushforward::LayerSpec;
using pushforward::parallel_for;

std::atomic<int> failures{0};

void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "threads_test: %s\n", what);
  ++failures;
}

template <typename Body>
void on_threads(int count, const Body& body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back([&body, i] { body(i); });
  for (std::thread& thread : threads) thread.join();
}

// Plain integers on purpose: two threads at one index or one slot are a race that the sanitizer
// reports, and so is a result read before the pool has handed it over.
void jobs_of_one_caller(unsigned seed) {
  std::mt19937 generator(seed);
  for (int round = 0; round < 300; ++round) {
    const std::size_t count = generator() % 40;
    const int slots = 1 + int(generator() % 6);
    std::vector<int> visits(count, 0), of_slot(std::size_t(slots), 0);
    parallel_for(count, slots, [&](std::size_t index, int slot) {
      ++visits[index];
      ++of_slot[std::size_t(slot)];
      if (index % 7 == 0) {
        int nested[3] = {0, 0, 0};
        parallel_for(3, slots, [&](std::size_t i, int) { ++nested[i]; });
        for (int visited : nested) check(visited == 1, "a nested index was not visited once");
      }
    });
    int total = 0;
    for (int done : of_slot) total += done;
    for (int visited : visits) check(visited == 1, "an index was not visited once");
    check(total == int(count), "the slots do not add up to the work");
  }
}

FlowSpec small_flow() {
  FlowSpec spec;
  spec.dim = 4;
  const auto slice = [&](const char* name, std::vector<int> shape) {
    std::size_t size = 1;
    for (int length : shape) size *= std::size_t(length);
    spec.parameter_count += size;
    return pushforward::ParameterSlice{name, std::move(shape), spec.parameter_count - size};
  };
  for (int k = 0; k < 3; ++k) {
    LayerSpec linear;
    linear.kind = "luLinear";
    linear.parameters = {slice("lu", {4, 4}), slice("bias", {4})};
    spec.layers.push_back(linear);
    LayerSpec coupling;
    coupling.kind = "affineCoupling";
    coupling.activation = "tanh";
    coupling.log_scale_bound = 2.0;
    coupling.identity = {0, 1};
    coupling.transformed = {2, 3};
    coupling.hidden = {16};
    coupling.parameters = {slice("weight0", {2, 16}), slice("bias0", {16}),
                           slice("weight1", {16, 4}), slice("bias1", {4})};
    spec.layers.push_back(coupling);
  }
  return spec;
}

struct Training {
  double value;
  std::vector<float> gradient, densities;
  bool operator==(const Training& other) const {
    const auto same = [](const std::vector<float>& a, const std::vector<float>& b) {
      return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
    };
    return value == other.value && same(gradient, other.gradient) &&
           same(densities, other.densities);
  }
};

Training train_once() {
  constexpr std::size_t kRows = 700;
  const FlowSpec spec = small_flow();
  FlowPlan plan(spec);
  std::mt19937 generator(3);
  std::normal_distribution<float> normal;
  std::vector<float> parameters(spec.parameter_count), x(kRows * 4);
  for (float& value : parameters) value = 0.2f * normal(generator);
  for (float& value : x) value = normal(generator);
  Training result{0.0, std::vector<float>(parameters.size()), std::vector<float>(kRows)};
  result.value = plan.value_and_grad(parameters.data(), x.data(), nullptr, nullptr, kRows,
                                     result.gradient.data());
  plan.log_prob(parameters.data(), x.data(), nullptr, kRows, result.densities.data());
  return result;
}

}  // namespace

int main() {
  pushforward::set_thread_count(1);
  const Training alone = train_once();
  on_threads(3, [](int i) { jobs_of_one_caller(unsigned(i)); });
  on_threads(4, [&](int i) {
    for (int round = 0; round < 20; ++round) {
      pushforward::set_thread_count(1 + (round + i) % 4);
      check(train_once() == alone, "a plan's bits depend on the threads");
    }
  });
  if (failures == 0) std::puts("threads_test: the pool kept its promises");
  return failures == 0 ? 0 : 1;
}
