// The plan's speed as a share of the machine's own multiply-add peak, measured beside it in the
// same rounds: `npx cmake-js build --target plan_bench && build/plan_bench`. Counted are the
// multiply-adds of the weights that the mathematics asks for, two
// operations each: one pass for logProb, three for valueAndGrad. Activations and log-determinants
// count nothing.
#include <algorithm>
#include <cstdio>
#include <random>
#include <vector>

#include "fma_peak.h"
#include "pushforward/dispatch.h"
#include "pushforward/flow_plan.h"
#include "pushforward/threads.h"

namespace {

using pushforward::FlowPlan;
using pushforward::FlowSpec;
using pushforward::SimdLevel;
using pushforward::bench::measure_peak;
using pushforward::bench::seconds_now;

struct Flow {
  FlowSpec spec;
  double multiply_adds = 0;  // a row and pass
};

Flow coupling_flow(int dim, int width, int depth) {
  Flow flow;
  flow.spec.dim = dim;
  std::size_t& count = flow.spec.parameter_count;
  const auto slice = [&](const std::string& name, std::vector<int> shape) {
    std::size_t size = 1;
    for (int length : shape) size *= std::size_t(length);
    count += size;
    if (shape.size() == 2) flow.multiply_adds += double(size);
    return pushforward::ParameterSlice{name, std::move(shape), count - size};
  };
  for (int k = 0; k < depth; ++k) {
    flow.spec.layers.push_back({});
    flow.spec.layers.back().kind = "luLinear";
    flow.spec.layers.back().parameters = {slice("lu", {dim, dim}), slice("bias", {dim})};
    pushforward::LayerSpec coupling;
    coupling.kind = "affineCoupling";
    coupling.activation = "relu";
    coupling.log_scale_bound = 2.0;
    coupling.hidden = {width, width};
    for (int i = 0; i < dim; ++i) {
      (i % 2 == k % 2 ? coupling.identity : coupling.transformed).push_back(i);
    }
    const std::vector<int> widths{int(coupling.identity.size()), width, width,
                                  2 * int(coupling.transformed.size())};
    for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
      coupling.parameters.push_back(
          slice("weight" + std::to_string(i), {widths[i], widths[i + 1]}));
      coupling.parameters.push_back(slice("bias" + std::to_string(i), {widths[i + 1]}));
    }
    flow.spec.layers.push_back(coupling);
  }
  return flow;
}

void measure(int width, std::size_t rows, int threads) {
  constexpr int kDim = 8, kDepth = 8, kRounds = 40;
  const Flow flow = coupling_flow(kDim, width, kDepth);
  FlowPlan plan(flow.spec);
  std::mt19937 generator(1);
  std::normal_distribution<float> normal;
  std::vector<float> parameters(flow.spec.parameter_count), x(rows * kDim), out(rows);
  std::vector<float> gradient(parameters.size());
  for (float& value : parameters) value = 0.1f * normal(generator);
  for (float& value : x) value = normal(generator);
  pushforward::set_thread_count(threads);

  // The best of many short rounds: other work on the machine only ever takes away.
  double peak = 0.0, density = 0.0, training = 0.0;
  const int repeats = std::max(1, int(4e7 / (flow.multiply_adds * double(rows))));
  const double operations = 2.0 * flow.multiply_adds * double(rows) * repeats;
  for (int round = 0; round < kRounds; ++round) {
    peak = std::max(peak, measure_peak(threads));
    double start = seconds_now();
    for (int i = 0; i < repeats; ++i) {
      plan.log_prob(parameters.data(), x.data(), nullptr, rows, out.data());
    }
    density = std::max(density, operations / (seconds_now() - start));
    start = seconds_now();
    for (int i = 0; i < repeats; ++i) {
      plan.value_and_grad(parameters.data(), x.data(), nullptr, nullptr, rows, gradient.data());
    }
    training = std::max(training, 3.0 * operations / (seconds_now() - start));
  }
  std::printf("%-9s %7d %6zu %8d %9.1f %9.1f %5.0f%% %13.1f %5.0f%%\n",
              pushforward::simd_level_name(pushforward::simd_level()), width, rows, threads,
              peak / 1e9, density / 1e9, 100 * density / peak, training / 1e9,
              100 * training / peak);
}

}  // namespace

int main() {
  const int cores = pushforward::thread_count();
  std::printf("%-9s %7s %6s %8s %9s %16s %20s\n", "path", "width", "rows", "threads", "peak GF/s",
              "logProb GF/s", "valueAndGrad GF/s");
  for (SimdLevel level : {SimdLevel::kAvx512, SimdLevel::kAvx2, SimdLevel::kPortable}) {
    if (!pushforward::set_simd_level(level)) continue;
    for (int width : {64, 128}) {
      for (std::size_t rows : {256, 4096}) {
        measure(width, rows, 1);
        if (cores > 1) measure(width, rows, cores);
      }
    }
  }
  return 0;
}
