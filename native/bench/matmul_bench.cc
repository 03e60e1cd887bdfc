// The speed of the tensor backend's matrix products as a share of the machine's own multiply-add
// peak, measured beside them in the same rounds: `build/matmul_bench`. Each product is run as a
// layer of a network runs it: forward, for the gradient of its input (b transposed) and for that of
// its weights (a transposed).
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>
#include <vector>

#include "rounds.h"
#include "tensor_layout.h"
#include "tensor_matmul.h"

namespace pushforward::bench {
namespace {

struct Product {
  std::size_t rows, inner, columns;
};

std::function<void()> call_of(const Product& product, bool transpose_a, bool transpose_b,
                              const std::vector<float>& a, const std::vector<float>& b,
                              std::vector<float>& c) {
  MatMul task;
  task.rows = product.rows;
  task.columns = product.columns;
  task.inner = product.inner;
  task.a = a.data();
  task.b = b.data();
  task.c = c.data();
  task.a_row = transpose_a ? 1 : task.inner;
  task.a_step = transpose_a ? task.rows : 1;
  task.b_row = transpose_b ? 1 : task.columns;
  task.b_step = transpose_b ? task.inner : 1;
  task.c_row = task.columns;
  return [task] { tensor_matmul(task, {1, {1}, {0}, {0}}); };
}

void measure(const Product& layer, int threads) {
  const auto [rows, inner, columns] = layer;
  const std::vector<float> x = normals(rows * inner), w = normals(inner * columns),
                           dy = normals(rows * columns);
  std::vector<float> y(dy.size()), dx(x.size()), dw(w.size());
  const std::vector<std::function<void()>> calls{
      call_of(layer, false, false, x, w, y),
      call_of({rows, columns, inner}, false, true, dy, w, dx),
      call_of({inner, rows, columns}, true, false, x, dy, dw)};
  const double operations = 2.0 * double(rows) * double(inner) * double(columns);
  const int repeats = std::max(1, int(1e8 / operations));
  const auto [peak, seconds] = measure_rounds(threads, repeats, calls);
  std::printf("%-9s %6zu %6zu %7zu %8d %9.1f", simd_level_name(simd_level()), rows, inner, columns,
              threads, peak / 1e9);
  for (const double time : seconds) std::printf(" %8.1f%%", 100.0 * operations / time / peak);
  for (const double time : seconds) std::printf(" %9.1f", 1e6 * time);
  std::printf("\n");
  std::fflush(stdout);
}

}  // namespace
}  // namespace pushforward::bench

int main(int count, char** arguments) {
  using namespace pushforward;
  const char* const path = count > 1 ? arguments[1] : "";
  std::printf("%-9s %6s %6s %7s %8s %9s %9s %9s %9s %9s %9s %9s\n", "path", "rows", "inner",
              "columns", "threads", "peak GF/s", "forward", "input", "weights", "us", "us", "us");
  bench::on_each_path([&] {
    if (std::strstr(simd_level_name(simd_level()), path) == nullptr) return;
    for (const bench::Product& layer :
         {bench::Product{512, 512, 512}, bench::Product{128, 784, 512},
          bench::Product{128, 512, 512}, bench::Product{128, 512, 10}, bench::Product{64, 64, 64},
          bench::Product{1, 512, 512}, bench::Product{2000, 2000, 500}}) {
      bench::on_one_and_all_cores([&](int threads) { bench::measure(layer, threads); });
    }
  });
  return 0;
}
