// The speed of LU factors, inverses and solves as shares of the machine's own multiply-add peak
// and, for what is small, of its copying speed, both measured beside them in the same rounds.
//
// Counted are the multiply-adds of the textbook's algorithms, two operations each: n³/3 for the
// factors, n² for a right-hand side. Copied are the matrices and the factors, once each.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <vector>

#include "linear_algebra.h"
#include "rounds.h"

namespace pushforward::bench {
namespace {

struct Batch {
  Batch(std::size_t matrices, std::size_t size)
      : count(matrices),
        n(size),
        a(normals(count * n * n)),
        lu(a.size()),
        identity(a.size()),
        x(a.size()),
        side(count * n, 1.0f),
        solution(side.size()),
        sign(count),
        log_abs_det(count),
        order(count * n) {
    for (std::size_t i = 0; i < count * n; ++i) identity[i * n + i % n] = 1.0f;
  }

  void factor() {
    lu_factor({a.data(), count, n, lu.data(), order.data(), sign.data(), log_abs_det.data()});
  }

  void solve(std::size_t columns, const float* b, float* out) {
    SolveTask task{
        lu.data(), count,        n,       columns, {{true, true, false}, {false, false, false}},
        2,         order.data(), nullptr, b,       out};
    linear_solve(task);
  }

  std::size_t count, n;
  std::vector<float> a, lu, identity, x, side, solution, sign, log_abs_det;
  std::vector<std::int32_t> order;
};

void measure(std::size_t count, std::size_t n, int threads) {
  Batch batch(count, n);
  batch.factor();
  const double cubes = 2.0 * double(count) * double(n) * double(n) * double(n);
  const double squares = 2.0 * double(count) * double(n) * double(n);
  const int repeats = std::max(1, int(2e7 / (cubes + 1e3)));
  const std::vector<std::function<void()>> calls{
      [&] { batch.factor(); }, [&] { batch.solve(n, batch.identity.data(), batch.x.data()); },
      [&] { batch.solve(1, batch.side.data(), batch.solution.data()); },
      [&] { std::memcpy(batch.x.data(), batch.a.data(), batch.a.size() * sizeof(float)); }};
  const auto measured = measure_rounds(threads, repeats, calls);
  const double peak = measured.peak;
  const std::vector<double>& seconds = measured.seconds;
  const auto of_peak = [&](double operations, double time) {
    return 100.0 * operations / time / peak;
  };
  std::printf("%-9s %6zu %4zu %8d %9.1f %8.1f%% %8.1f%% %8.1f%% %8.1f%% %10.3f %10.3f %10.3f\n",
              simd_level_name(simd_level()), count, n, threads, peak / 1e9,
              of_peak(cubes / 3, seconds[0]), 100.0 * seconds[3] / seconds[0],
              of_peak(cubes, seconds[1]), of_peak(squares, seconds[2]),
              1e6 * seconds[0] / double(count), 1e6 * seconds[1] / double(count),
              1e6 * seconds[2] / double(count));
  std::fflush(stdout);
}

}  // namespace
}  // namespace pushforward::bench

int main(int count, char** arguments) {
  using namespace pushforward;
  const std::size_t only = count > 1 ? std::size_t(std::atoi(arguments[1])) : 0;
  std::printf("%-9s %6s %4s %8s %9s %9s %9s %9s %9s %10s %10s %10s\n", "path", "batch", "n",
              "threads", "peak GF/s", "LU", "LU/copy", "inverse", "solve 1", "LU us", "inverse us",
              "solve us");
  bench::on_each_path([&] {
    for (const std::size_t n : {2, 4, 8, 16, 32, 43, 64, 100, 256, 600}) {
      if (only != 0 && n != only) continue;
      const std::size_t entries = std::size_t{1} << 18;
      const std::size_t batch = std::max<std::size_t>(1, entries / (n * n) / 16 * 16);
      bench::on_one_and_all_cores([&](int threads) { bench::measure(batch, n, threads); });
      set_thread_count(1);
      if (batch > 1) bench::measure(1, n, 1);
    }
  });
  return 0;
}
