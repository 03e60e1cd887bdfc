// The plan's speed as a share of the machine's own multiply-add peak, measured beside it in the
// same rounds: `npm run bench:native`, or `build/plan_bench PART` for the flows whose names hold
// that part. Counted are the multiply-adds of the weights that the mathematics asks for, two
// operations each: one pass for logProb and for the inverse, three for the gradient and for a
// training step, which is the gradient and Adam. Activations, splines and log-determinants count
// nothing.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "adam.h"
#include "bench_flows.h"
#include "pushforward/flow_plan.h"
#include "rounds.h"

namespace pushforward::bench {
namespace {

struct Configuration {
  const char* name;
  BenchFlow flow;
  std::vector<std::size_t> batches;
};

std::vector<Configuration> configurations() {
  std::vector<Configuration> all;
  const auto flow = [&](const char* name, int dim, int context_dim, int steps,
                        std::vector<std::size_t> batches, const auto& add_step) {
    all.push_back({name, BenchFlow(dim, context_dim), std::move(batches)});
    for (int i = 0; i < steps; ++i) add_step(all.back().flow);
  };
  flow("Real NVP, moons", 2, 0, 6, {256, 1024, 4096}, [](BenchFlow& f) {
    f.affine_coupling("leakyRelu", {128, 128}, true);
  });
  flow("Real NVP, d 8", 8, 0, 8, {256, 1024}, [](BenchFlow& f) {
    f.lu_linear();
    f.affine_coupling("relu", {64, 64});
  });
  flow("NSF, d 43", 43, 0, 10, {128, 512}, [](BenchFlow& f) {
    f.lu_linear();
    f.spline_coupling("relu", {128}, 2, 8);
  });
  flow("NSF, d 5 | 10", 5, 10, 5, {64, 1024}, [](BenchFlow& f) {
    f.lu_linear();
    f.spline_coupling("relu", {50, 50}, 0, 8);
  });
  flow("MAF, d 43", 43, 0, 5, {128, 1024}, [](BenchFlow& f) {
    f.autoregressive("maskedAutoregressive", {128, 128}, 0);
  });
  flow("IAF, d 43", 43, 0, 5, {128, 1024}, [](BenchFlow& f) {
    f.autoregressive("inverseAutoregressive", {128, 128}, 0);
  });
  flow("NSF-AR, d 43", 43, 0, 5, {128, 1024}, [](BenchFlow& f) {
    f.autoregressive("maskedSpline", {128, 128}, 8);
  });
  return all;
}

void measure(const Configuration& configuration, std::size_t rows, int threads) {
  const BenchFlow& flow = configuration.flow;
  const FlowSpec& spec = flow.spec();
  FlowPlan plan(spec);
  std::vector<float> parameters = normals(spec.parameter_count, 0.05f);
  const std::vector<float> x = normals(rows * std::size_t(spec.dim));
  const std::vector<float> context = normals(rows * std::size_t(spec.context_dim));
  std::vector<float> out(rows), mapped(x.size());
  std::vector<float> gradient(parameters.size()), m(parameters.size()), v(parameters.size());

  const std::vector<std::function<void()>> calls{
      [&] { plan.log_prob(parameters.data(), x.data(), context.data(), rows, out.data()); },
      [&] {
        plan.inverse(parameters.data(), x.data(), context.data(), rows, mapped.data(), out.data());
      },
      [&] {
        plan.value_and_grad(parameters.data(), x.data(), context.data(), nullptr, rows,
                            gradient.data());
      },
      // At a learning rate of 0 the weights stay where they are.
      [&] {
        adam_step(parameters.data(), gradient.data(), m.data(), v.data(), gradient.size(),
                  {0.0, 0.9, 0.999, 1e-8, 0.0, 1.0, 1.0});
      }};
  const double operations = 2.0 * flow.multiply_adds() * double(rows);
  const int repeats = std::max(1, int(2e8 / operations));
  const auto measured = measure_rounds(threads, repeats, calls);
  const double peak = measured.peak;
  const std::vector<double>& seconds = measured.seconds;
  const auto share = [&](double passes, double time) {
    return 100.0 * passes * operations / time / peak;
  };
  std::printf("%-9s %-16s %6zu %8d %9.1f %8.0f%% %8.0f%% %8.0f%% %8.0f%% %10.3f %9.3f\n",
              simd_level_name(simd_level()), configuration.name, rows, threads, peak / 1e9,
              share(1, seconds[0]), share(1, seconds[1]), share(3, seconds[2]),
              share(3, seconds[2] + seconds[3]), 1e3 * seconds[2], 1e3 * seconds[3]);
  std::fflush(stdout);
}

}  // namespace
}  // namespace pushforward::bench

int main(int count, char** arguments) {
  using namespace pushforward;
  const char* const part = count > 1 ? arguments[1] : "";
  std::printf("%-9s %-16s %6s %8s %9s %9s %9s %9s %9s %10s %9s\n", "path", "flow", "rows",
              "threads", "peak GF/s", "logProb", "inverse", "gradient", "step", "grad. ms",
              "Adam ms");
  bench::on_each_path([&] {
    for (const bench::Configuration& configuration : bench::configurations()) {
      if (std::strstr(configuration.name, part) == nullptr) continue;
      for (std::size_t rows : configuration.batches) {
        bench::on_one_and_all_cores(
            [&](int threads) { bench::measure(configuration, rows, threads); });
      }
    }
  });
  return 0;
}
